#include "forward/port_set.h"

#include <algorithm>

namespace oneping {

PortSet::PortSet(std::vector<PortRange> ranges) {
  std::sort(ranges.begin(), ranges.end());
  for (const PortRange& range : ranges) {
    if (range.last < range.first) continue;
    if (!ranges_.empty() && range.first <= ranges_.back().last) {
      ranges_.back().last = std::max(ranges_.back().last, range.last);
    } else {
      ranges_.push_back(range);
    }
  }
}

bool PortSet::contains(std::uint16_t port) const {
  const auto range = std::lower_bound(
      ranges_.begin(), ranges_.end(), port,
      [](const PortRange& before, std::uint16_t wanted) { return before.last < wanted; });
  return range != ranges_.end() && range->first <= port;
}

}  // namespace oneping
