// What a hop is in this network, as far as the caller knows.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "wire/ip_address.h"

namespace oneping::probe {

enum class HopRole : std::uint8_t { edge, connector, router, destination };

// Roles by the address that a hop answers with.
using HopRoles = std::map<IpAddress, HopRole>;

[[nodiscard]] constexpr std::string_view to_string(HopRole role) {
  switch (role) {
    case HopRole::edge: return "edge";
    case HopRole::connector: return "connector";
    case HopRole::router: return "router";
    case HopRole::destination: return "destination";
  }
  return "";
}

// The word for `address`; empty if its role is not known.
[[nodiscard]] inline std::string_view role_of(const HopRoles& roles, const IpAddress& address) {
  const auto found = roles.find(address);
  return found == roles.end() ? std::string_view() : to_string(found->second);
}

}  // namespace oneping::probe
