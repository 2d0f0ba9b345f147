#include "base/counters.h"

#include <gtest/gtest.h>

#include <set>

#include "base/random.h"

namespace oneping {
namespace {

TEST(StageCounters, KeepsEachReasonApart) {
  StageCounters counters;
  for (int i = 0; i < 6; ++i) counters.count_in();
  counters.count_forwarded();
  counters.count_answered(DropReason::no_route);
  counters.count_dropped(DropReason::no_route);
  counters.count_dropped(DropReason::no_route);
  counters.count_dropped(DropReason::link_down);
  EXPECT_EQ(counters.forwarded(), 1u);
  EXPECT_EQ(counters.answered(DropReason::no_route), 1u);
  EXPECT_EQ(counters.dropped(DropReason::no_route), 2u);
  EXPECT_EQ(counters.dropped(DropReason::link_down), 1u);
  EXPECT_EQ(counters.dropped(DropReason::truncated), 0u);
  EXPECT_EQ(counters.answered(), 1u);
  EXPECT_EQ(counters.dropped(), 3u);
  EXPECT_EQ(counters.held(), 1u);
}

TEST(StageCounters, AddUpOverEveryReason) {
  StageCounters counters;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    counters.count_in();
    counters.count_in();
    counters.count_dropped(static_cast<DropReason>(i));
    counters.count_answered(static_cast<DropReason>(i));
  }
  EXPECT_EQ(counters.dropped(), kDropReasons);
  EXPECT_EQ(counters.answered(), kDropReasons);
  EXPECT_EQ(counters.held(), 0u);
}

TEST(DropReason, HasAMetricLabelOfItsOwn) {
  std::set<std::string_view> labels;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto label = to_string(static_cast<DropReason>(i));
    EXPECT_NE(label, "unknown") << i;
    EXPECT_EQ(label.find_first_not_of("abcdefghijklmnopqrstuvwxyz_"), label.npos) << label;
    EXPECT_TRUE(labels.insert(label).second) << label;
  }
}

TEST(SeededRandom, RepeatsItselfBySeed) {
  SeededRandom first(42);
  SeededRandom second(42);
  SeededRandom other(43);
  const auto value = first.next();
  EXPECT_EQ(value, second.next());
  EXPECT_NE(value, other.next());
}

TEST(SeededRandom, StaysWithinItsBounds) {
  SeededRandom random(7);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    const auto value = random.below(5);
    EXPECT_LT(value, 5u);
    seen.insert(value);
    const double unit = random.unit();
    EXPECT_GE(unit, 0.0);
    EXPECT_LT(unit, 1.0);
  }
  EXPECT_EQ(seen.size(), 5u);
}

}  // namespace
}  // namespace oneping
