// Memory of who talks to whom: a bounded hash table of flows in the order of their last use.
//
// A flow that was not used for the idle timeout is forgotten; when the table is full the least
// recently used flow makes room. Keys come from remote peers, so the hash is seeded. Entries live
// in one array that grows by doubling up to the bound; after that nothing allocates.
#pragma once

#include <cstdint>
#include <utility>

#include "base/time.h"
#include "flow/entries.h"
#include "flow/hash_index.h"
#include "flow/index_list.h"

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

  explicit FlowTable(const Options& options) : options_(options) {}

  // The flow, or null. use() counts as use of the flow, find() does not: an ICMP error must not
  // keep a flow alive (RFC 5508, REQ-6).
  [[nodiscard]] Value* use(const Key& key, Time now);
  [[nodiscard]] Value* find(const Key& key, Time now);

  // A new flow; `key` must not be in the table.
  Value& insert(const Key& key, Value value, Time now);

  // Forgets a flow before its time; `key` must be in the table, and may be the entry's own.
  void remove(const Key& key) { erase(position_of(key)); }

  // The least recently used flow for which predicate(value) holds; nulls if there is none.
  struct Found {
    const Key* key = nullptr;
    Value* value = nullptr;
  };
  template <typename Predicate>
  [[nodiscard]] Found oldest_if(Predicate predicate) {
    for (Position at = by_age_.front(); at != IndexList::kNone; at = entries_[at].age.next) {
      if (predicate(entries_[at].value)) return {&entries_[at].key, &entries_[at].value};
    }
    return {};
  }
  // When the least recently used flow was used. There must be one.
  [[nodiscard]] Time oldest_use() const { return entries_[by_age_.front()].last_used; }

  // Forgets idle flows, at most `limit` of them.
  void expire(Time now, std::size_t limit = 1024);

  [[nodiscard]] std::size_t size() const { return by_age_.size(); }
  // Flows that had to go before their time because the table was full.
  [[nodiscard]] std::uint64_t evicted() const { return evicted_; }

 private:
  using Position = HashIndex::Position;

  struct Entry {
    Key key;
    Value value;
    Time last_used;
    ListLinks age;
  };

  [[nodiscard]] Position position_of(const Key& key) const {
    return index_.find(hash_of(key, options_.seed),
                       [&](Position position) { return entries_[position].key == key; });
  }
  // What the index and the list ask for.
  [[nodiscard]] auto hashes() const {
    return [this](Position position) { return hash_of(entries_[position].key, options_.seed); };
  }
  [[nodiscard]] auto ages() {
    return [this](Position position) -> ListLinks& { return entries_[position].age; };
  }
  void erase(Position position);

  Options options_;
  Entries<Entry> entries_;
  HashIndex index_;
  IndexList by_age_;  // the least recently used first
  std::uint64_t evicted_ = 0;
};

template <typename Key, typename Value>
Value* FlowTable<Key, Value>::find(const Key& key, Time now) {
  const Position position = position_of(key);
  if (position == HashIndex::kNone) return nullptr;
  Entry& entry = entries_[position];
  return now - entry.last_used >= options_.idle_timeout ? nullptr : &entry.value;
}

template <typename Key, typename Value>
Value* FlowTable<Key, Value>::use(const Key& key, Time now) {
  const Position position = position_of(key);
  if (position == HashIndex::kNone) return nullptr;
  Entry& entry = entries_[position];
  if (now - entry.last_used >= options_.idle_timeout) {
    erase(position);
    return nullptr;
  }
  entry.last_used = now;
  by_age_.move_to_back(position, ages());
  return &entry.value;
}

template <typename Key, typename Value>
Value& FlowTable<Key, Value>::insert(const Key& key, Value value, Time now) {
  expire(now, 2);
  if (size() == options_.capacity) {
    erase(by_age_.front());
    ++evicted_;
  }
  const Position position = entries_.add(Entry{key, std::move(value), now, {}});
  by_age_.push_back(position, ages());
  index_.insert(position, hashes());
  return entries_[position].value;
}

template <typename Key, typename Value>
void FlowTable<Key, Value>::expire(Time now, std::size_t limit) {
  for (; limit > 0 && size() > 0; --limit) {
    const Position oldest = by_age_.front();
    if (now - entries_[oldest].last_used < options_.idle_timeout) return;
    erase(oldest);
  }
}

template <typename Key, typename Value>
void FlowTable<Key, Value>::erase(Position position) {
  index_.erase(position, hashes());
  by_age_.remove(position, ages());
  entries_.remove(position);
}

}  // namespace oneping
