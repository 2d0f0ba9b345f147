// This host's place in its networks, which a backend without sockets of its own asks about.
#pragma once

#include <optional>

#include "wire/ip_address.h"

namespace oneping {

// The address of all hosts of the network that `address` is in. Nothing for IPv6, and for networks
// of one or two addresses (RFC 3021).
[[nodiscard]] inline std::optional<IpAddress> broadcast_of(const IpAddress& address,
                                                           int prefix_length) {
  if (!address.is_v4() || prefix_length >= 31) return std::nullopt;
  return IpAddress::v4(address.v4_host_order() | 0xffffffffu >> prefix_length);
}

class HostNetwork {
 public:
  virtual ~HostNetwork() = default;
  // Whether it is one of this host's own.
  [[nodiscard]] virtual bool is_own(const IpAddress& address) const = 0;
  // Whether it is a broadcast address of one of its networks.
  [[nodiscard]] virtual bool is_broadcast(const IpAddress& address) const = 0;
  // The address that packets to `destination` leave with; nothing if there is no route.
  [[nodiscard]] virtual std::optional<IpAddress> source_for(const IpAddress& destination) const = 0;
};

}  // namespace oneping
