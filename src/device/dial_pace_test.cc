#include "device/dial_pace.h"

#include <gtest/gtest.h>

namespace oneping::device {
namespace {

using namespace std::chrono_literals;

class DialPaceTest : public ::testing::Test {
 protected:
  Duration pause(Trouble trouble) { return pace.pause_after(trouble, now, random); }

  SeededRandom random{7};
  DialPace pace;
  Time now{1h};
};

TEST_F(DialPaceTest, BacksOffUpToSomeSeconds) {
  Duration longest{};
  for (int i = 0; i < 200; ++i) {
    longest = std::max(longest, pause(Trouble::no_answer));
    now += 10s;
  }
  EXPECT_GT(longest, 6s);
  EXPECT_LE(longest, 8s);
  EXPECT_EQ(pace.patience(now), 5s);
}

TEST_F(DialPaceTest, HurriesForAWhileAfterALoss) {
  pace.on_up(now);
  now += 1min;
  pace.on_lost(20ms, now);
  EXPECT_EQ(pause(Trouble::restarted), Duration::zero());
  for (int i = 0; i < 20; ++i) {
    EXPECT_LE(pause(Trouble::no_answer), 500ms);
    EXPECT_EQ(pace.patience(now), 1s);
    now += 1s;
  }
  now += 10s;
  EXPECT_EQ(pace.patience(now), 5s);
}

TEST_F(DialPaceTest, HasPatienceWithLongPaths) {
  pace.on_up(now);
  now += 1min;
  pace.on_lost(700ms, now);
  EXPECT_EQ(pace.patience(now), 2800ms);
  pace.on_lost(10s, now);
  EXPECT_EQ(pace.patience(now), 5s);
}

TEST_F(DialPaceTest, DialsAtOnceButNotTwice) {
  pace.on_up(now);
  now += 10s;
  pace.on_lost(20ms, now);
  EXPECT_EQ(pause(Trouble::closed), Duration::zero());
  EXPECT_NE(pause(Trouble::closed), Duration::zero());
  now += 5s;
  EXPECT_EQ(pause(Trouble::restarted), Duration::zero());
}

TEST_F(DialPaceTest, SessionsThatEndAtOnceAreNoReasonToHurry) {
  Duration sum{};
  for (int i = 0; i < 50; ++i) {
    pace.on_up(now);
    now += 100ms;
    pace.on_lost(20ms, now);
    sum += pause(Trouble::closed);
    EXPECT_EQ(pace.patience(now), 5s);
  }
  EXPECT_GT(sum / 50, 2s);
}

TEST_F(DialPaceTest, WaitsLongWhereWaitingDoesNotHelp) {
  for (const Trouble lasting :
       {Trouble::refused, Trouble::wrong_edge, Trouble::certificate_expired}) {
    EXPECT_EQ(pause(lasting), 60s);
  }
}

}  // namespace
}  // namespace oneping::device
