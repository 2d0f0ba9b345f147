// Tells when time of day jumps: somebody has set the clock, or this machine has slept, during which
// the monotonic clock stood still.
#pragma once

#include "base/result.h"
#include "base/time.h"
#include "io/fd.h"

namespace oneping {

class ClockMonitor {
 public:
  [[nodiscard]] static Result<ClockMonitor> open();

  // Readable when the clock has jumped: call on_readable().
  [[nodiscard]] int fd() const { return timer_.get(); }
  // For how long the machine has slept since the last call; zero if the clock was merely set.
  [[nodiscard]] Duration on_readable();

 private:
  explicit ClockMonitor(Fd timer);
  [[nodiscard]] bool arm() const;

  Fd timer_;
  Duration asleep_;  // since the machine was started
};

}  // namespace oneping
