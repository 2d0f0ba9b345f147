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
  // From which of its addresses this host's packets to `remote` leave now; nothing if it has no
  // route there. A connection may use it with the port that it has.
  [[nodiscard]] virtual std::optional<IpAddress> source_towards(const IpAddress& remote) const = 0;
};

}  // namespace oneping::device
