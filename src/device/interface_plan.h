// What the interface is to be like through which the host's packets come: a value, and its form on
// the way to the process that may change interfaces.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "wire/ip_address.h"

namespace oneping::device {

struct InterfacePlan {
  // No IPv6 link is narrower (RFC 8200, 5).
  static constexpr std::size_t kMinMtu = 1280;
  static constexpr std::size_t kMaxMtu = 65535;
  static constexpr std::size_t kMaxAddresses = 64;

  std::size_t mtu = kMinMtu;
  std::vector<IpAddress> addresses;
  std::vector<Prefix> routes;
  friend bool operator==(const InterfacePlan&, const InterfacePlan&) = default;
};

// Of at most kMaxAddresses and kMaxRoutes.
[[nodiscard]] std::vector<std::uint8_t> encode(const InterfacePlan& plan);
// Trusts nobody: what comes out is within bounds, and takes nothing from the host that is its own.
[[nodiscard]] Result<InterfacePlan> decode_plan(Bytes bytes);
[[nodiscard]] std::size_t max_encoded_plan();

}  // namespace oneping::device
