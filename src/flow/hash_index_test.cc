#include "flow/hash_index.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <vector>

#include "flow/index_list.h"

namespace oneping {
namespace {

// Against a plain list, with hashes that collide a lot.
RC_GTEST_PROP(HashIndex, FindsWhatIsThereAndNothingElse, ()) {
  const auto spread = *rc::gen::element<std::size_t>(1, 3, 64, 1000);
  const auto hash_at = [&](HashIndex::Position p) { return p % spread * 61; };
  HashIndex index;
  std::vector<bool> there(300, false);
  std::size_t size = 0;
  for (const auto p : *rc::gen::container<std::vector<int>>(rc::gen::inRange(0, 300))) {
    const auto position = static_cast<HashIndex::Position>(p);
    const auto found =
        index.find(hash_at(position), [&](HashIndex::Position other) { return other == position; });
    RC_ASSERT((found != HashIndex::kNone) == there[position]);
    if (there[position]) {
      index.erase(position, hash_at);
    } else {
      index.insert(position, hash_at);
    }
    there[position] = !there[position];
    size += there[position] ? 1 : std::size_t(-1);
    RC_ASSERT(index.size() == size);
  }
  for (HashIndex::Position position = 0; position < 300; ++position) {
    const auto found =
        index.find(hash_at(position), [&](HashIndex::Position other) { return other == position; });
    RC_ASSERT(found == (there[position] ? position : HashIndex::kNone));
  }
}

TEST(IndexList, KeepsItsOrder) {
  std::vector<ListLinks> links(5);
  const auto links_at = [&](IndexList::Position p) -> ListLinks& { return links[p]; };
  IndexList list;
  const auto order = [&] {
    std::vector<IndexList::Position> positions;
    for (auto p = list.front(); p != IndexList::kNone; p = links[p].next) positions.push_back(p);
    EXPECT_EQ(positions.size(), list.size());
    EXPECT_EQ(list.back(), positions.empty() ? IndexList::kNone : positions.back());
    return positions;
  };
  using Order = std::vector<IndexList::Position>;
  for (IndexList::Position p = 0; p < 5; ++p) list.push_back(p, links_at);
  EXPECT_EQ(order(), (Order{0, 1, 2, 3, 4}));
  list.move_to_back(2, links_at);
  EXPECT_EQ(order(), (Order{0, 1, 3, 4, 2}));
  list.move_to_back(2, links_at);
  list.move_to_back(0, links_at);
  EXPECT_EQ(order(), (Order{1, 3, 4, 2, 0}));
  for (const IndexList::Position p : {0, 1, 4}) list.remove(p, links_at);
  EXPECT_EQ(order(), (Order{3, 2}));
  list.remove(3, links_at);
  list.remove(2, links_at);
  EXPECT_EQ(order(), Order{});
  list.push_back(4, links_at);
  EXPECT_EQ(order(), (Order{4}));
}

}  // namespace
}  // namespace oneping
