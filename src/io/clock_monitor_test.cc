#include "io/clock_monitor.h"

#include <gtest/gtest.h>
#include <poll.h>

namespace oneping {
namespace {

// What can be seen without setting this machine's clock.
TEST(ClockMonitor, IsQuietWhileTheClockRuns) {
  auto monitor = ClockMonitor::open();
  ASSERT_TRUE(monitor) << monitor.error().message;
  pollfd ready{monitor->fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 20), 0);
  EXPECT_EQ(monitor->on_readable(), Duration::zero()) << "and nobody has slept";
  EXPECT_EQ(::poll(&ready, 1, 0), 0);
}

}  // namespace
}  // namespace oneping
