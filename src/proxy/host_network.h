// What a backend without sockets of its own asks about this host's place in its networks.
#pragma once

#include <optional>

#include "wire/ip_address.h"

namespace oneping {

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
