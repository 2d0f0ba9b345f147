#include "forward/prefix_map.h"

#include <algorithm>

namespace oneping {

PrefixMap::PrefixMap(std::vector<Prefix> prefixes) : prefixes_(std::move(prefixes)) {
  std::sort(prefixes_.begin(), prefixes_.end());
  prefixes_.erase(std::unique(prefixes_.begin(), prefixes_.end()), prefixes_.end());
  parents_.resize(prefixes_.size(), kNone);
  cut(v4_, IpFamily::v4);
  cut(v6_, IpFamily::v6);
}

PrefixMap::Node PrefixMap::node_of(const Prefix& prefix) const {
  const auto found = std::lower_bound(prefixes_.begin(), prefixes_.end(), prefix);
  if (found == prefixes_.end() || *found != prefix) return kNone;
  return static_cast<Node>(found - prefixes_.begin());
}

// Goes through the prefixes by their first address, with those that contain the current place on a
// stack, the most specific on top.
template <typename Key>
void PrefixMap::cut(Ranges<Key>& ranges, IpFamily family) {
  struct Open {
    Node node;
    Key last;
  };
  std::vector<Open> open;
  const auto top = [&] { return open.empty() ? kNone : open.back().node; };
  const auto close = [&] {
    const Key after = open.back().last.next();
    open.pop_back();
    if (after != Key{}) ranges.begin(after, top());
  };

  for (Node node = 0; node < prefixes_.size(); ++node) {
    const Prefix& prefix = prefixes_[node];
    if (prefix.family() != family) continue;
    const Key first = Key::of(prefix.address());
    while (!open.empty() && open.back().last < first) close();
    parents_[node] = top();
    ranges.begin(first, node);
    open.push_back({node, first | Key::host_mask(prefix.length())});
  }
  while (!open.empty()) close();
}

// A range that turns out to be empty gives way to the one that begins at the same address.
template <typename Key>
void PrefixMap::Ranges<Key>::begin(Key start, Node node) {
  if (starts.back() == start) {
    nodes.back() = node;
  } else {
    starts.push_back(start);
    nodes.push_back(node);
  }
}

}  // namespace oneping
