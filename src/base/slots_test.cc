#include "base/slots.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <memory>

namespace oneping {
namespace {

using Names = Slots<std::unique_ptr<int>>;

TEST(Slots, ANameIsGoodUntilItsValueGoes) {
  Names slots;
  const auto first = slots.add(std::make_unique<int>(1));
  const auto second = slots.add(std::make_unique<int>(2));
  EXPECT_EQ(**slots.find(first), 1);
  EXPECT_EQ(**slots.find(second), 2);
  slots.remove(first);
  EXPECT_EQ(slots.find(first), nullptr);
  EXPECT_EQ(**slots.find(second), 2);
  EXPECT_EQ(slots.size(), 1u);
}

TEST(Slots, APlaceThatIsUsedAgainHasAnotherName) {
  Names slots;
  const auto first = slots.add(std::make_unique<int>(1));
  slots.remove(first);
  const auto second = slots.add(std::make_unique<int>(2));
  EXPECT_EQ(second.place, first.place);
  EXPECT_NE(second, first);
  EXPECT_EQ(slots.find(first), nullptr);
  slots.remove(first);
  EXPECT_EQ(**slots.find(second), 2) << "its predecessor's name does not remove it";
}

TEST(Slots, ANameThatWasNeverGivenNamesNothing) {
  Names slots;
  slots.add(std::make_unique<int>(1));
  EXPECT_EQ(slots.find(SlotRef<std::unique_ptr<int>>{}), nullptr);
  EXPECT_EQ(slots.find({.place = 1, .generation = 0}), nullptr);
}

TEST(Slots, ValuesStayWhereTheyAre) {
  Names slots;
  const auto first = slots.add(std::make_unique<int>(1));
  const auto* place = slots.find(first);
  for (int i = 0; i < 10000; ++i) slots.add(std::make_unique<int>(i));
  EXPECT_EQ(slots.find(first), place);
}

TEST(Slots, AMillionThatCameAndWentLeaveNothing) {
  Slots<int> slots;
  std::uint32_t highest = 0;
  for (int i = 0; i < 1'000'000; ++i) {
    const auto ref = slots.add(i);
    highest = std::max(highest, ref.place);
    slots.remove(ref);
  }
  EXPECT_EQ(highest, 0u);
  EXPECT_EQ(slots.size(), 0u);
}

// Against a plain list of what was added and not removed.
RC_GTEST_PROP(Slots, AgreeWithAList, (const std::vector<std::uint8_t>& steps)) {
  Slots<int> slots;
  std::vector<std::pair<SlotRef<int>, int>> alive;
  std::vector<SlotRef<int>> gone;
  int value = 0;
  for (const std::uint8_t step : steps) {
    if (step % 3 != 0 || alive.empty()) {
      alive.emplace_back(slots.add(value), value);
      ++value;
    } else {
      const auto chosen = alive.begin() + step % alive.size();
      slots.remove(chosen->first);
      gone.push_back(chosen->first);
      alive.erase(chosen);
    }
    std::size_t visited = 0;
    slots.for_each([&](SlotRef<int>, int) { ++visited; });
    RC_ASSERT(visited == alive.size());
    RC_ASSERT(slots.size() == alive.size());
  }
  for (const auto& [ref, its_value] : alive) RC_ASSERT(*slots.find(ref) == its_value);
  for (const auto& ref : gone) RC_ASSERT(slots.find(ref) == nullptr);
}

}  // namespace
}  // namespace oneping
