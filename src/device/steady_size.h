// The size of packets that the host is told, which stays as it is for a while when the path
// changes: a new path must prove anew what it carries, and a host that is told less remembers it
// for minutes (RFC 1191, 6.3). What does not fit meanwhile is lost quietly.
#pragma once

#include <algorithm>
#include <cstddef>
#include <utility>

#include "base/time.h"

namespace oneping::device {

class SteadySize {
 public:
  static constexpr Duration kHold = std::chrono::seconds(3);

  // The path may be another from now on.
  void hold(Time now) {
    held_ = told_;
    until_ = now + kHold;
  }
  void on_time(Time now) {
    if (now < until_) return;
    held_ = 0;
    until_ = kNever;
  }
  [[nodiscard]] Time next_deadline() const { return until_; }

  // What the host may send if the path is known to carry `proved`.
  [[nodiscard]] std::size_t size(std::size_t proved) const { return std::max(proved, held_); }
  // Whether the host must be told another size than before.
  [[nodiscard]] bool take_change(std::size_t proved) {
    return std::exchange(told_, size(proved)) != size(proved);
  }

 private:
  std::size_t told_ = 0;
  std::size_t held_ = 0;
  Time until_ = kNever;
};

}  // namespace oneping::device
