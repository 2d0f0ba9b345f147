// Routes by longest prefix match, both families. Immutable: a change makes a new table, and the
// packet path swaps one pointer.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <vector>

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

  [[nodiscard]] std::optional<RouteTarget> lookup(const IpAddress& destination) const;
  [[nodiscard]] std::size_t size() const;

 private:
  // One hash table for each prefix length in use, longest first: a lookup costs as many probes as
  // there are lengths, however many routes there are.
  struct Level {
    int length;
    std::unordered_map<IpAddress, RouteTarget> routes;
  };
  std::array<std::vector<Level>, 2> levels_;  // by family

  [[nodiscard]] static std::size_t index(IpFamily family) { return family == IpFamily::v4 ? 0 : 1; }
};

}  // namespace oneping
