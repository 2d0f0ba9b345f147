#include "edge/connection_health.h"

#include <gtest/gtest.h>

namespace oneping::edge {
namespace {

using namespace std::chrono_literals;

quic::ConnectionStats stats(std::uint64_t sent, std::uint64_t received) {
  return {.smoothed_rtt = 10ms, .packets_sent = sent, .packets_received = received};
}

TEST(ConnectionHealth, IsGoodWhileThePeerAnswers) {
  ConnectionHealth health;
  for (std::uint64_t i = 1; i < 100; ++i) {
    health.observe(stats(i, i), Time(i * 100ms));
    EXPECT_FALSE(health.is_suspect());
  }
}

TEST(ConnectionHealth, SilenceOfBothIsGood) {
  ConnectionHealth health;
  for (int i = 1; i < 100; ++i) health.observe(stats(5, 5), Time(i * 100ms));
  EXPECT_FALSE(health.is_suspect());
}

TEST(ConnectionHealth, SendingIntoSilenceIsSuspectAfterAWhile) {
  ConnectionHealth health;
  health.observe(stats(5, 5), Time(0ms));
  health.observe(stats(6, 5), Time(100ms));
  health.observe(stats(9, 5), Time(500ms));
  EXPECT_FALSE(health.is_suspect());
  health.observe(stats(9, 5), Time(600ms));
  EXPECT_TRUE(health.is_suspect()) << "400 ms and three round trips of 10 ms are over";
}

TEST(ConnectionHealth, ASlowPathGetsMorePatience) {
  ConnectionHealth health;
  auto slow = stats(5, 5);
  slow.smoothed_rtt = 600ms;
  health.observe(slow, Time(0ms));
  slow.packets_sent = 6;
  health.observe(slow, Time(100ms));
  health.observe(slow, Time(2200ms));
  EXPECT_FALSE(health.is_suspect());
  health.observe(slow, Time(2400ms));
  EXPECT_TRUE(health.is_suspect());
}

TEST(ConnectionHealth, AnythingHeardClearsIt) {
  ConnectionHealth health;
  health.observe(stats(5, 5), Time(0ms));
  health.observe(stats(6, 5), Time(100ms));
  health.observe(stats(6, 5), Time(5s));
  ASSERT_TRUE(health.is_suspect());
  health.observe(stats(7, 6), Time(5100ms));
  EXPECT_FALSE(health.is_suspect());
}

}  // namespace
}  // namespace oneping::edge
