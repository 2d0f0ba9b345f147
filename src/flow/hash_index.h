// Finds the entries of a table by their keys. It holds their positions only; the table holds the
// entries, and hashes and compares their keys.
//
// Open addressing with linear probing, at most half full. It grows by doubling, and never shrinks:
// a table that is bounded allocates nothing here once it has been full. Keys that come from remote
// peers should be hashed with a seed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace oneping {

class HashIndex {
 public:
  using Position = std::uint32_t;
  static constexpr Position kNone = ~Position{0};

  // The position for which is_it(position) holds, among those whose keys have this hash; kNone.
  template <typename IsIt>
  [[nodiscard]] Position find(std::size_t hash, IsIt is_it) const {
    for (std::size_t i = hash & mask(); places_[i] != kNone; i = (i + 1) & mask()) {
      if (is_it(places_[i])) return places_[i];
    }
    return kNone;
  }

  // Adds a position that is not there. hash_at(position) gives the hash of an entry's key.
  template <typename HashAt>
  void insert(Position position, HashAt hash_at) {
    if ((size_ + 1) * 2 > places_.size()) grow(hash_at);
    ++size_;
    put(position, hash_at(position));
  }

  // Takes out a position that is there.
  template <typename HashAt>
  void erase(Position position, HashAt hash_at);

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] std::size_t memory() const { return places_.capacity() * sizeof(Position); }

 private:
  static constexpr std::size_t kMinPlaces = 64;

  [[nodiscard]] std::size_t mask() const { return places_.size() - 1; }
  void put(Position position, std::size_t hash) {
    std::size_t i = hash & mask();
    while (places_[i] != kNone) i = (i + 1) & mask();
    places_[i] = position;
  }
  template <typename HashAt>
  void grow(HashAt hash_at) {
    const auto before = std::exchange(places_, std::vector<Position>(places_.size() * 2, kNone));
    for (const Position position : before) {
      if (position != kNone) put(position, hash_at(position));
    }
  }

  std::vector<Position> places_ = std::vector<Position>(kMinPlaces, kNone);
  std::size_t size_ = 0;
};

// Backward-shift deletion: what stands behind the hole moves into it when the hole lies between
// its home and where it is.
template <typename HashAt>
void HashIndex::erase(Position position, HashAt hash_at) {
  std::size_t hole = hash_at(position) & mask();
  while (places_[hole] != position) hole = (hole + 1) & mask();
  for (std::size_t i = (hole + 1) & mask(); places_[i] != kNone; i = (i + 1) & mask()) {
    const std::size_t distance_from_home = (i - hash_at(places_[i])) & mask();
    if (distance_from_home >= ((i - hole) & mask())) {
      places_[hole] = places_[i];
      hole = i;
    }
  }
  places_[hole] = kNone;
  --size_;
}

}  // namespace oneping
