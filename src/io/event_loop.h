// The event loop of a program's one thread: readiness of descriptors, one deadline, signals, and
// work from other threads. This is where the monotonic clock is read.
//
// A turn: wait until something is ready; call what is ready, each descriptor once; if the deadline
// is due call on_deadline; call on_turn_end exactly once, which flushes and sets the next deadline.
// Everything in a turn sees the same now(). Descriptors are watched by level: one that still has
// unread data is called again in the next turn.
//
// All but post() belong to the thread that calls run(). The loop does not own descriptors; unwatch
// one before closing it. Callbacks may watch, unwatch (themselves too) and stop.
#pragma once

#include <functional>
#include <memory>

#include "base/result.h"
#include "base/time.h"

namespace oneping {

class EventLoop {
 public:
  struct TurnCallbacks {
    std::function<void(Time now)> on_deadline;
    std::function<void(Time now)> on_turn_end;
  };

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // The time of this turn, read from the clock when it is first asked for.
  [[nodiscard]] Time now();

  // Fails for a closed descriptor and for one already watched.
  [[nodiscard]] Result<void> watch(int fd, std::function<void()> on_readable);
  // No call follows. Ignores what is not watched.
  void unwatch(int fd);

  // When on_deadline is due; replaces the one before; kNever for none. A deadline that was called
  // is over until it is set again.
  void set_deadline(Time deadline);

  // Catches a signal from now on.
  [[nodiscard]] Result<void> on_signal(int signal, std::function<void()> callback);

  // From any thread: `work` runs on the loop's thread, in a turn. Work that is left when the loop
  // is destroyed never runs.
  void post(std::function<void()> work);

  // Turns until stop(). May be called again.
  void run(const TurnCallbacks& callbacks);
  // Makes run() return after this turn.
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace oneping
