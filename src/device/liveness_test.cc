#include "device/liveness.h"

#include <gtest/gtest.h>

namespace oneping::device {
namespace {

using namespace std::chrono_literals;

class LivenessTest : public ::testing::Test {
 protected:
  // Looks as often as it wants to be looked at; `each` is called before every look.
  template <typename Each>
  void pass(Duration span, Each each) {
    for (const Time until = now + span; now < until;) {
      now = std::min(until, std::max(now, liveness.next_look()));
      each();
      if (now >= liveness.next_look()) liveness.look(stats, sent, now);
    }
  }
  void pass(Duration span) {
    pass(span, [] {});
  }

  Liveness liveness;
  quic::ConnectionStats stats{.smoothed_rtt = 20ms};
  std::uint64_t sent = 0;
  Time now{1h};
};

TEST_F(LivenessTest, RestsAMinuteAfterTheLastPacket) {
  EXPECT_EQ(liveness.keep_alive(), 15s);
  liveness.begin(now);
  EXPECT_EQ(liveness.keep_alive(), 1s);
  const auto heard = [&] { ++stats.packets_received; };
  pass(50s, heard);
  liveness.on_packet(now);
  pass(59s, heard);
  EXPECT_EQ(liveness.keep_alive(), 1s);
  pass(2s, heard);
  EXPECT_EQ(liveness.keep_alive(), 15s);
  EXPECT_EQ(liveness.next_look(), kNever);
  now += 1h;
  liveness.on_packet(now);
  EXPECT_EQ(liveness.keep_alive(), 1s);
  pass(500ms);
  EXPECT_FALSE(liveness.silent_since()) << "an hour without a word is none of its business";
}

TEST_F(LivenessTest, SilenceUnderTrafficIsNoticed) {
  liveness.begin(now);
  pass(5s, [&] { ++stats.packets_received, ++sent; });
  const Time heard = now;
  pass(1s, [&] { ++sent; });
  ASSERT_TRUE(liveness.silent_since());
  EXPECT_LE(*liveness.silent_since() - heard, 900ms);
  pass(2s, [&] { ++sent; });
  EXPECT_LE(*liveness.silent_since() - heard, 900ms) << "since then, not since now";
  ++stats.packets_received;
  pass(200ms);
  EXPECT_FALSE(liveness.silent_since());
}

TEST_F(LivenessTest, SilenceWithoutTrafficIsNoticedByKeepAlives) {
  liveness.begin(now);
  pass(1s, [&] { ++stats.packets_received; });
  pass(2s);
  EXPECT_TRUE(liveness.silent_since());
}

TEST_F(LivenessTest, DoubtLastsUntilSomethingIsHeard) {
  liveness.begin(now);
  pass(90s, [&] { ++stats.packets_received; });
  ASSERT_EQ(liveness.keep_alive(), 15s);
  liveness.doubt(stats, now);
  EXPECT_EQ(liveness.keep_alive(), 1s);
  EXPECT_EQ(liveness.silent_since(), now);
  const Time doubted = now;
  pass(300ms);
  EXPECT_EQ(liveness.silent_since(), doubted);
  ++stats.packets_received;
  pass(300ms);
  EXPECT_FALSE(liveness.silent_since());
}

}  // namespace
}  // namespace oneping::device
