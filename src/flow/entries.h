// The entries of a table, at positions that stay theirs until they are removed and are then used
// again, the last one first. An entry may move in memory when another one is added.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace oneping {

template <typename T>
class Entries {
 public:
  using Position = std::uint32_t;

  Position add(T entry) {
    if (free_.empty()) {
      entries_.push_back(std::move(entry));
      free_.reserve(entries_.capacity());  // so that remove() does not allocate
      return static_cast<Position>(entries_.size() - 1);
    }
    const Position position = free_.back();
    free_.pop_back();
    entries_[position] = std::move(entry);
    return position;
  }
  // It lets go of what it holds.
  void remove(Position position) {
    entries_[position] = T();
    free_.push_back(position);
  }

  // `position` must be one that add() gave and remove() did not take.
  [[nodiscard]] T& operator[](Position position) { return entries_[position]; }
  [[nodiscard]] const T& operator[](Position position) const { return entries_[position]; }

  [[nodiscard]] std::size_t size() const { return entries_.size() - free_.size(); }
  [[nodiscard]] std::size_t memory() const {
    return entries_.capacity() * sizeof(T) + free_.capacity() * sizeof(Position);
  }

 private:
  std::vector<T> entries_;
  std::vector<Position> free_;
};

}  // namespace oneping
