// What a hop is in this network, as far as the caller knows.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wire/ip_address.h"

namespace oneping::probe {

enum class HopRole : std::uint8_t { edge, connector, router, destination };

[[nodiscard]] constexpr std::string_view to_string(HopRole role) {
  switch (role) {
    case HopRole::edge: return "edge";
    case HopRole::connector: return "connector";
    case HopRole::router: return "router";
    case HopRole::destination: return "destination";
  }
  return "";
}

// What is known of the way beforehand. The edge is known by its addresses; the connector, which has
// one for each of its networks, is who answers behind it.
struct HopRoles {
  std::vector<IpAddress> edge;  // none: nothing is known
};

// The word for who answered at that hop limit; empty if nothing is known.
[[nodiscard]] inline std::string_view role_of(const HopRoles& known, unsigned ttl,
                                              const IpAddress& address,
                                              const IpAddress& destination) {
  if (known.edge.empty()) return {};
  if (std::ranges::find(known.edge, address) != known.edge.end()) return to_string(HopRole::edge);
  if (address == destination) return to_string(HopRole::destination);
  return to_string(ttl == 2 ? HopRole::connector : HopRole::router);
}

}  // namespace oneping::probe
