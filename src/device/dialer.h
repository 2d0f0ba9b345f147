// How a device reaches its edge: an interface, as there are sockets and simulated ones.
#pragma once

#include <optional>
#include <vector>

#include "device/trouble.h"
#include "quic/connection.h"

namespace oneping::device {

class Dialer {
 public:
  virtual ~Dialer() = default;
  // Begins a connection to one of the edge's addresses: each `attempt` that is one higher takes
  // the next. Addresses without a route are passed over.
  [[nodiscard]] virtual tl::expected<quic::Connection*, Problem> dial(
      unsigned attempt, quic::ConnectionEvents& events, Time now) = 0;
  // All that dial() may take, as far as they are known.
  [[nodiscard]] virtual std::vector<IpAddress> edge_addresses() const = 0;
  // From where packets to `remote` leave now; nothing if this host has no route there. What comes
  // to that address reaches the connection.
  [[nodiscard]] virtual std::optional<SocketAddress> local_towards(const SocketAddress& remote) = 0;
};

}  // namespace oneping::device
