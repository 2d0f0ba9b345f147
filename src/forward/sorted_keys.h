// Finds a key's place among many that are sorted and stay as they are.
//
// A plain binary search waits for memory at every halving: 15 times for 20 000 keys. Here the keys
// lie in blocks of two cache lines, above them the first key of each block, in blocks too, and so
// on up to a single block. A search looks at one block of each level (3 to 5 for 20 000 keys) and
// at all of its keys, without a branch.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace oneping {

template <typename Key>
class SortedKeys {
 public:
  // `keys`: sorted, and at least one.
  explicit SortedKeys(std::span<const Key> keys);

  // The place of the last one that is not greater than `key`. The first one must not be.
  [[nodiscard]] std::size_t find(const Key& key) const {
    std::size_t place = 0;
    for (const Level& level : levels_) {
      const Block& block = blocks_[level.begin + place];
      std::uint32_t not_greater = 0;
      for (const Key& other : block.keys) not_greater += other <= key ? 1U : 0U;
      // The last block is filled up with copies of the last key.
      place = std::min(place * kBlockKeys + not_greater, level.keys) - 1;
    }
    return place;
  }

 private:
  static constexpr std::size_t kBlockSize = 128;
  static constexpr std::size_t kBlockKeys = kBlockSize / sizeof(Key);
  struct alignas(kBlockSize) Block {
    std::array<Key, kBlockKeys> keys{};
  };
  struct Level {
    std::size_t begin;  // its first block
    std::size_t keys;
  };
  std::vector<Block> blocks_;
  std::vector<Level> levels_;  // from the single block down to all the keys
};

template <typename Key>
SortedKeys<Key>::SortedKeys(std::span<const Key> keys) {
  std::vector<Key> level(keys.begin(), keys.end());
  while (true) {
    levels_.push_back({blocks_.size(), level.size()});
    std::vector<Key> above;
    for (std::size_t i = 0; i < level.size(); i += kBlockKeys) {
      above.push_back(level[i]);
      blocks_.emplace_back().keys.fill(level.back());
      std::copy_n(&level[i], std::min(kBlockKeys, level.size() - i), blocks_.back().keys.begin());
    }
    if (above.size() == 1) break;
    level = std::move(above);
  }
  std::reverse(levels_.begin(), levels_.end());
}

}  // namespace oneping
