// Routes by longest prefix match, both families. Immutable: a change makes a new table, and the
// packet path swaps one pointer.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "forward/prefix_map.h"
#include "wire/ip_address.h"

namespace oneping {

// Where a route leads; the table's owner knows what the number stands for.
using RouteTarget = std::uint32_t;

struct Route {
  Prefix prefix;
  RouteTarget target = 0;
};

class RouteTable {
 public:
  RouteTable() = default;
  // Of two routes with the same prefix the later one counts.
  explicit RouteTable(const std::vector<Route>& routes);

  [[nodiscard]] std::optional<RouteTarget> lookup(const IpAddress& destination) const {
    const auto node = prefixes_.find(destination);
    if (node == PrefixMap::kNone) return std::nullopt;
    return targets_[node];
  }
  [[nodiscard]] std::size_t size() const { return targets_.size(); }

 private:
  PrefixMap prefixes_;
  std::vector<RouteTarget> targets_;  // by node
};

}  // namespace oneping
