#include "base/token_bucket.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

int take_all(TokenBucket& bucket, Time now) {
  int taken = 0;
  while (bucket.take(now)) ++taken;
  return taken;
}

constexpr Time kStart{seconds(1000)};

TEST(TokenBucket, StartsFull) {
  TokenBucket bucket(10, 5);
  EXPECT_EQ(take_all(bucket, kStart), 5);
}

TEST(TokenBucket, GivesTheRateAfterTheBurst) {
  TokenBucket bucket(8, 4);
  EXPECT_EQ(take_all(bucket, kStart), 4);
  EXPECT_FALSE(bucket.take(kStart + milliseconds(124)));
  EXPECT_TRUE(bucket.take(kStart + milliseconds(125)));
  EXPECT_FALSE(bucket.take(kStart + milliseconds(125)));
  EXPECT_EQ(take_all(bucket, kStart + milliseconds(375)), 2);
}

TEST(TokenBucket, SavesNoMoreThanTheBurst) {
  TokenBucket bucket(100, 6);
  EXPECT_EQ(take_all(bucket, kStart), 6);
  EXPECT_EQ(take_all(bucket, kStart + seconds(3600)), 6);
}

TEST(TokenBucket, GivesTheRateHoweverOftenItIsAsked) {
  TokenBucket bucket(1000, 1);
  int taken = 0;
  for (Time now = kStart; now < kStart + seconds(10); now += std::chrono::microseconds(7)) {
    taken += bucket.take(now) ? 1 : 0;
  }
  EXPECT_NEAR(taken, 10'000, 100);
  EXPECT_LE(taken, 10'001);  // the burst and the rate, never more
}

TEST(TokenBucket, TimeThatGoesBackGivesNothing) {
  TokenBucket bucket(1, 1);
  EXPECT_TRUE(bucket.take(kStart));
  EXPECT_FALSE(bucket.take(kStart - seconds(10)));
  EXPECT_FALSE(bucket.take(kStart));
  EXPECT_TRUE(bucket.take(kStart + seconds(1)));
}

TEST(TokenBucket, WithoutARateGivesTheBurstOnly) {
  TokenBucket bucket(0, 2);
  EXPECT_EQ(take_all(bucket, kStart), 2);
  EXPECT_EQ(take_all(bucket, kStart + seconds(1'000'000)), 0);
  TokenBucket none;
  EXPECT_FALSE(none.take(kStart));
}

}  // namespace
}  // namespace oneping
