// Finds the most specific of many prefixes that contains an address, and the prefixes around that
// one. Both families; immutable. Routes and policies are kept beside it, by node.
//
// Prefixes nest but never cross, so their ends cut a family's addresses into ranges, in each of
// which the most specific prefix is the same: of n prefixes at most 2n + 1. To find it is to find
// the range.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "forward/address_key.h"
#include "forward/sorted_keys.h"
#include "wire/ip_address.h"

namespace oneping {

class PrefixMap {
 public:
  // One of the distinct prefixes, numbered from 0.
  using Node = std::uint32_t;
  static constexpr Node kNone = ~Node{0};

  PrefixMap() = default;
  // Equal prefixes become one node.
  explicit PrefixMap(std::vector<Prefix> prefixes);

  // The most specific prefix that contains the address, or kNone.
  [[nodiscard]] Node find(const IpAddress& address) const {
    return address.is_v4() ? v4_.find(V4Key::of(address)) : v6_.find(V6Key::of(address));
  }
  // The next larger prefix that contains this one, or kNone.
  [[nodiscard]] Node parent(Node node) const { return parents_[node]; }

  // The node of exactly this prefix, or kNone.
  [[nodiscard]] Node node_of(const Prefix& prefix) const;
  [[nodiscard]] const Prefix& prefix(Node node) const { return prefixes_[node]; }
  [[nodiscard]] std::size_t size() const { return prefixes_.size(); }

 private:
  // All addresses of a family: where each range begins, and its most specific prefix.
  template <typename Key>
  struct Ranges {
    SortedKeys<Key> starts{std::array{Key{}}};
    std::vector<Node> nodes{kNone};
    [[nodiscard]] Node find(const Key& key) const { return nodes[starts.find(key)]; }
  };

  template <typename Key>
  [[nodiscard]] Ranges<Key> cut(IpFamily family);

  std::vector<Prefix> prefixes_;  // sorted, so that each comes after all that contain it
  std::vector<Node> parents_;
  Ranges<V4Key> v4_;
  Ranges<V6Key> v6_;
};

}  // namespace oneping
