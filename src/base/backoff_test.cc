#include "base/backoff.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

using namespace std::chrono_literals;

TEST(Backoff, GrowsToItsBoundAndStartsAnewAfterAReset) {
  SeededRandom random(3);
  for (int round = 0; round < 200; ++round) {
    Backoff backoff;
    for (const Duration limit : {500ms, 1000ms, 2000ms, 4000ms, 8000ms, 8000ms, 8000ms}) {
      const Duration pause = backoff.next(random);
      EXPECT_GE(pause, 0ms);
      EXPECT_LT(pause, limit);
    }
    backoff.reset();
    EXPECT_LT(backoff.next(random), 500ms);
  }
}

TEST(Backoff, IsSpreadOverItsRange) {
  SeededRandom random(4);
  int late = 0;
  for (int i = 0; i < 1000; ++i) {
    Backoff backoff;
    late += backoff.next(random) > 250ms ? 1 : 0;
  }
  EXPECT_GT(late, 400);
  EXPECT_LT(late, 600);
}

}  // namespace
}  // namespace oneping
