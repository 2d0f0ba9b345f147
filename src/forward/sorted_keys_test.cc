#include "forward/sorted_keys.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <numeric>

#include "forward/address_key.h"

namespace oneping {
namespace {

// 0, 2, 4, …
template <typename Key>
void expect_every_place_found(std::uint32_t count, Key (*key_of)(std::uint32_t)) {
  std::vector<Key> keys;
  for (std::uint32_t i = 0; i < count; ++i) keys.push_back(key_of(2 * i));
  const SortedKeys<Key> sorted(keys);
  for (std::uint32_t i = 0; i < count; ++i) {
    ASSERT_EQ(sorted.find(key_of(2 * i)), i) << "of " << count;
    ASSERT_EQ(sorted.find(key_of(2 * i + 1)), i) << "of " << count;
  }
  ASSERT_EQ(sorted.find(key_of(~std::uint32_t{0})), count - 1);
}

// Around the sizes of one block, and of two and three levels of them.
constexpr std::uint32_t kCounts[] = {1,  2,  7,   8,    9,    31,   32,   33,    63,
                                     64, 65, 511, 1023, 1024, 1025, 4097, 32768, 32769};

TEST(SortedKeys, FindsEveryV4Place) {
  for (const auto count : kCounts) {
    expect_every_place_found<V4Key>(count, [](std::uint32_t i) { return V4Key{i}; });
  }
}

TEST(SortedKeys, FindsEveryV6PlaceByTheHighHalf) {
  for (const auto count : kCounts) {
    expect_every_place_found<V6Key>(count, [](std::uint32_t i) {
      return V6Key{i, ~std::uint64_t{i}};
    });
  }
}

TEST(SortedKeys, FindsEveryV6PlaceByTheLowHalf) {
  for (const auto count : kCounts) {
    expect_every_place_found<V6Key>(count, [](std::uint32_t i) {
      return V6Key{~std::uint64_t{0}, i};
    });
  }
}

TEST(SortedKeys, FindsEveryV6PlaceAcrossBothHalves) {
  for (const auto count : kCounts) {
    expect_every_place_found<V6Key>(count, [](std::uint32_t i) {
      return V6Key{i >> 3, std::uint64_t{i} << 61};
    });
  }
}

}  // namespace
}  // namespace oneping
