// Memory of who talks to whom: a bounded hash table of flows in the order of their last use.
//
// A flow that was not used for the idle timeout is forgotten; when the table is full the least
// recently used flow makes room. Keys come from remote peers, so the hash is seeded. Entries live
// in one array that grows by doubling up to the bound; after that nothing allocates.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <vector>

#include "base/time.h"

namespace oneping {

// Key needs == and a free function hash_of(const Key&, std::uint64_t seed).
template <typename Key, typename Value>
class FlowTable {
 public:
  struct Options {
    std::size_t capacity = 262144;                     // 1 .. 2^31
    Duration idle_timeout = std::chrono::seconds(60);  // RFC 5508, REQ-2: at least 60 s
    std::uint64_t seed = 0;
  };

  explicit FlowTable(const Options& options) : options_(options), index_(kMinIndex, kNone) {}

  // The flow, or null. use() counts as use of the flow, find() does not: an ICMP error must not
  // keep a flow alive (RFC 5508, REQ-6).
  [[nodiscard]] Value* use(const Key& key, Time now);
  [[nodiscard]] Value* find(const Key& key, Time now);

  // A new flow; `key` must not be in the table.
  Value& insert(const Key& key, Value value, Time now);

  // Forgets a flow before its time; `key` must be in the table, and may be the entry's own.
  void remove(const Key& key) { erase(index_[find_index(key)]); }

  // The least recently used flow for which predicate(value) holds; nulls if there is none.
  struct Found {
    const Key* key = nullptr;
    Value* value = nullptr;
  };
  template <typename Predicate>
  [[nodiscard]] Found oldest_if(Predicate predicate) {
    for (Position p = oldest_; p != kNone; p = entries_[p].newer) {
      if (predicate(entries_[p].value)) return {&entries_[p].key, &entries_[p].value};
    }
    return {};
  }
  // When the least recently used flow was used. There must be one.
  [[nodiscard]] Time oldest_use() const { return entries_[oldest_].last_used; }

  // Forgets idle flows, at most `limit` of them.
  void expire(Time now, std::size_t limit = 1024);

  [[nodiscard]] std::size_t size() const { return size_; }
  // Flows that had to go before their time because the table was full.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  using Position = std::uint32_t;
  static constexpr Position kNone = ~Position{0};
  static constexpr std::size_t kMinIndex = 64;

  struct Entry {
    Key key;
    Value value;
    Time last_used;
    Position newer = kNone;
    Position older = kNone;
  };

  // The index is open-addressed with linear probing and at most half full; it holds positions.
  [[nodiscard]] std::size_t home(const Key& key) const {
    return hash_of(key, options_.seed) & (index_.size() - 1);
  }
  [[nodiscard]] std::size_t find_index(const Key& key) const;
  void put_into_index(Position position);
  void grow_index();
  void erase(Position position);
  void link_newest(Position position);
  void unlink(Position position);

  Options options_;
  std::vector<Entry> entries_;
  std::vector<Position> free_;
  std::vector<Position> index_;
  Position newest_ = kNone;
  Position oldest_ = kNone;
  std::size_t size_ = 0;
  std::uint64_t evicted_ = 0;
};

template <typename Key, typename Value>
Value* FlowTable<Key, Value>::find(const Key& key, Time now) {
  const Position position = index_[find_index(key)];
  if (position == kNone) return nullptr;
  Entry& entry = entries_[position];
  return now - entry.last_used >= options_.idle_timeout ? nullptr : &entry.value;
}

template <typename Key, typename Value>
Value* FlowTable<Key, Value>::use(const Key& key, Time now) {
  const Position position = index_[find_index(key)];
  if (position == kNone) return nullptr;
  Entry& entry = entries_[position];
  if (now - entry.last_used >= options_.idle_timeout) {
    erase(position);
    return nullptr;
  }
  entry.last_used = now;
  if (position != newest_) {
    unlink(position);
    link_newest(position);
  }
  return &entry.value;
}

template <typename Key, typename Value>
Value& FlowTable<Key, Value>::insert(const Key& key, Value value, Time now) {
  expire(now, 2);
  if (size_ == options_.capacity) {
    erase(oldest_);
    ++evicted_;
  }
  if ((size_ + 1) * 2 > index_.size()) grow_index();
  Position position;
  if (free_.empty()) {
    position = static_cast<Position>(entries_.size());
    entries_.push_back(Entry{key, std::move(value), now});
  } else {
    position = free_.back();
    free_.pop_back();
    entries_[position] = Entry{key, std::move(value), now};
  }
  ++size_;
  link_newest(position);
  put_into_index(position);
  return entries_[position].value;
}

template <typename Key, typename Value>
void FlowTable<Key, Value>::expire(Time now, std::size_t limit) {
  for (; limit > 0 && oldest_ != kNone; --limit) {
    if (now - entries_[oldest_].last_used < options_.idle_timeout) return;
    erase(oldest_);
  }
}

// The index slot that holds `key`, or the empty one where it would go.
template <typename Key, typename Value>
std::size_t FlowTable<Key, Value>::find_index(const Key& key) const {
  std::size_t i = home(key);
  while (index_[i] != kNone && !(entries_[index_[i]].key == key)) i = (i + 1) & (index_.size() - 1);
  return i;
}

template <typename Key, typename Value>
void FlowTable<Key, Value>::put_into_index(Position position) {
  index_[find_index(entries_[position].key)] = position;
}

template <typename Key, typename Value>
void FlowTable<Key, Value>::grow_index() {
  index_.assign(index_.size() * 2, kNone);
  free_.reserve(index_.size() / 2);
  for (Position p = oldest_; p != kNone; p = entries_[p].newer) put_into_index(p);
}

template <typename Key, typename Value>
void FlowTable<Key, Value>::erase(Position position) {
  // Backward-shift deletion: move later entries of the probe run into the hole when it lies between
  // their home and where they are.
  const std::size_t mask = index_.size() - 1;
  std::size_t hole = find_index(entries_[position].key);
  for (std::size_t i = (hole + 1) & mask; index_[i] != kNone; i = (i + 1) & mask) {
    const std::size_t distance_from_home = (i - home(entries_[index_[i]].key)) & mask;
    if (distance_from_home >= ((i - hole) & mask)) {
      index_[hole] = index_[i];
      hole = i;
    }
  }
  index_[hole] = kNone;
  unlink(position);
  entries_[position].value = Value();  // lets go of what it holds
  free_.push_back(position);
  --size_;
}

template <typename Key, typename Value>
void FlowTable<Key, Value>::link_newest(Position position) {
  Entry& entry = entries_[position];
  entry.newer = kNone;
  entry.older = newest_;
  if (newest_ != kNone) entries_[newest_].newer = position;
  newest_ = position;
  if (oldest_ == kNone) oldest_ = position;
}

template <typename Key, typename Value>
void FlowTable<Key, Value>::unlink(Position position) {
  const Entry& entry = entries_[position];
  (entry.newer == kNone ? newest_ : entries_[entry.newer].older) = entry.older;
  (entry.older == kNone ? oldest_ : entries_[entry.older].newer) = entry.newer;
}

}  // namespace oneping
