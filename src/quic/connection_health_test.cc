#include "quic/connection_health.h"

#include <gtest/gtest.h>

namespace oneping::quic {
namespace {

using namespace std::chrono_literals;

class ConnectionHealthTest : public testing::Test {
 protected:
  void observe(std::uint64_t datagrams_sent, std::uint64_t packets_received, Time now) {
    health.observe({.smoothed_rtt = rtt, .packets_received = packets_received}, datagrams_sent,
                   now);
  }
  ConnectionHealth health;
  Duration rtt = 10ms;
};

TEST_F(ConnectionHealthTest, IsGoodWhileThePeerAnswers) {
  for (std::uint64_t i = 1; i < 100; ++i) {
    observe(i, i, Time(i * 100ms));
    EXPECT_FALSE(health.is_suspect());
  }
}

TEST_F(ConnectionHealthTest, AnIdleConnectionThatKeepsAliveIsGood) {
  for (std::uint64_t i = 0; i < 100; ++i) {
    observe(5, 5 + i / 10, Time(i * 100ms));  // something once a second
    EXPECT_FALSE(health.is_suspect()) << i;
  }
}

TEST_F(ConnectionHealthTest, DatagramsIntoSilenceAreSuspectAfterAWhile) {
  observe(5, 5, Time(0ms));
  observe(6, 5, Time(100ms));
  observe(9, 5, Time(500ms));
  EXPECT_FALSE(health.is_suspect());
  observe(9, 5, Time(600ms));
  EXPECT_TRUE(health.is_suspect()) << "400 ms and three round trips of 10 ms are over";
}

TEST_F(ConnectionHealthTest, MissingKeepAlivesAreSuspectThoughNothingWasSent) {
  observe(5, 5, Time(0ms));
  observe(5, 5, Time(1500ms));
  EXPECT_FALSE(health.is_suspect());
  observe(5, 5, Time(1600ms));
  EXPECT_TRUE(health.is_suspect());
}

TEST_F(ConnectionHealthTest, ASlowPathGetsMorePatience) {
  rtt = 300ms;
  observe(5, 5, Time(0ms));
  observe(6, 5, Time(100ms));
  observe(6, 5, Time(1300ms));
  EXPECT_FALSE(health.is_suspect());
  observe(6, 5, Time(1500ms));
  EXPECT_TRUE(health.is_suspect());
}

TEST_F(ConnectionHealthTest, AnythingHeardClearsIt) {
  observe(5, 5, Time(0ms));
  observe(6, 5, Time(100ms));
  observe(6, 5, Time(5s));
  ASSERT_TRUE(health.is_suspect());
  observe(7, 6, Time(5100ms));
  EXPECT_FALSE(health.is_suspect());
}

}  // namespace
}  // namespace oneping::quic
