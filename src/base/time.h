// Time as the pure code sees it: a number that somebody else reads from a clock.
// MonotonicClock has no now(): only io/ (the real clock) and tests (a virtual one) make a Time.
#pragma once

#include <chrono>
#include <cstdint>

namespace oneping {

using Duration = std::chrono::nanoseconds;

struct MonotonicClock {
  using duration = Duration;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<MonotonicClock, Duration>;
  static constexpr bool is_steady = true;
};

using Time = MonotonicClock::time_point;

// A deadline that never comes.
inline constexpr Time kNever = Time::max();

}  // namespace oneping
