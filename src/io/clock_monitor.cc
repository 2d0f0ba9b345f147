#include "io/clock_monitor.h"

#include <sys/timerfd.h>
#include <unistd.h>

#include <cstdint>
#include <ctime>
#include <tuple>

#include "io/system_error.h"

namespace oneping {

namespace {

constexpr std::time_t kFarFuture = 9'000'000'000;  // seconds since 1970; the kernel counts to 2262

Duration read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

Duration time_asleep() { return read_clock(CLOCK_BOOTTIME) - read_clock(CLOCK_MONOTONIC); }

}  // namespace

ClockMonitor::ClockMonitor(Fd timer) : timer_(std::move(timer)), asleep_(time_asleep()) {}

Result<ClockMonitor> ClockMonitor::open() {
  Fd timer(::timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK | TFD_CLOEXEC));
  if (!timer) return system_failure("watching the clock");
  ClockMonitor monitor(std::move(timer));
  if (!monitor.arm()) return system_failure("watching the clock");
  return monitor;
}

// A timer that never comes, but is cancelled when the clock jumps; a wake from sleep counts.
bool ClockMonitor::arm() const {
  itimerspec never{};
  never.it_value.tv_sec = kFarFuture;
  return ::timerfd_settime(timer_.get(), TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &never,
                           nullptr) == 0;
}

Duration ClockMonitor::on_readable() {
  std::uint64_t ignored;
  std::ignore = ::read(timer_.get(), &ignored, sizeof ignored);  // ECANCELED
  (void)arm();
  // The two clocks are not read in one moment.
  constexpr Duration kNoise = std::chrono::milliseconds(100);
  const Duration asleep = time_asleep();
  const Duration slept = asleep - asleep_;
  asleep_ = asleep;
  return slept < kNoise ? Duration::zero() : slept;
}

}  // namespace oneping
