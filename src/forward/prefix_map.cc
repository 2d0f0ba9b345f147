#include "forward/prefix_map.h"

#include <algorithm>

namespace oneping {

PrefixMap::PrefixMap(std::vector<Prefix> prefixes) : prefixes_(std::move(prefixes)) {
  std::sort(prefixes_.begin(), prefixes_.end());
  prefixes_.erase(std::unique(prefixes_.begin(), prefixes_.end()), prefixes_.end());
  parents_.resize(prefixes_.size(), kNone);
  v4_ = cut<V4Key>(IpFamily::v4);
  v6_ = cut<V6Key>(IpFamily::v6);
}

PrefixMap::Node PrefixMap::node_of(const Prefix& prefix) const {
  const auto found = std::lower_bound(prefixes_.begin(), prefixes_.end(), prefix);
  if (found == prefixes_.end() || *found != prefix) return kNone;
  return static_cast<Node>(found - prefixes_.begin());
}

// Goes through the prefixes by their first address, with those that contain the current place on a
// stack, the most specific on top.
template <typename Key>
PrefixMap::Ranges<Key> PrefixMap::cut(IpFamily family) {
  struct Open {
    Node node;
    Key last;
  };
  std::vector<Open> open;
  std::vector<Key> starts{Key{}};
  std::vector<Node> nodes{kNone};
  const auto top = [&] { return open.empty() ? kNone : open.back().node; };
  // Of ranges that begin at the same address all but the last are empty, and never found.
  const auto begin_range = [&](const Key& start) {
    starts.push_back(start);
    nodes.push_back(top());
  };
  const auto close = [&] {
    const Key after = open.back().last.next();
    open.pop_back();
    if (after != Key{}) begin_range(after);
  };

  for (Node node = 0; node < prefixes_.size(); ++node) {
    const Prefix& prefix = prefixes_[node];
    if (prefix.family() != family) continue;
    const Key first = Key::of(prefix.address());
    while (!open.empty() && open.back().last < first) close();
    parents_[node] = top();
    open.push_back({node, first | Key::host_mask(prefix.length())});
    begin_range(first);
  }
  while (!open.empty()) close();
  return {SortedKeys<Key>(starts), std::move(nodes)};
}

}  // namespace oneping
