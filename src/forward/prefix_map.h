// Finds the most specific of many prefixes that contains an address, and the prefixes around that
// one. Both families; immutable. Routes and policies are kept beside it, by node.
//
// Prefixes nest but never cross, so their ends cut a family's addresses into ranges in each of
// which the most specific prefix is the same: of n prefixes at most 2n + 1. To find one is a binary
// search for the range. Finding the place takes some 15 steps for 10 000 prefixes; each is a
// comparison without a branch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "forward/address_key.h"
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
    std::vector<Key> starts{Key{}};
    std::vector<Node> nodes{kNone};

    void begin(Key start, Node node);
    [[nodiscard]] Node find(Key key) const {
      const Key* place = starts.data();
      for (std::size_t left = starts.size(); left > 1;) {
        const std::size_t half = left / 2;
        place += half & -std::size_t{place[half] <= key};
        left -= half;
      }
      return nodes[static_cast<std::size_t>(place - starts.data())];
    }
  };

  template <typename Key>
  void cut(Ranges<Key>& ranges, IpFamily family);

  std::vector<Prefix> prefixes_;  // sorted, so that each comes after all that contain it
  std::vector<Node> parents_;
  Ranges<V4Key> v4_;
  Ranges<V6Key> v6_;
};

}  // namespace oneping
