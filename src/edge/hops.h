// The first hops of the way to an address, as the edge knows them: for the device that asks. Where
// it may not send an echo request, it learns of the edge alone.
#pragma once

#include "edge/config.h"
#include "edge/tunnel_table.h"
#include "masque/device_messages.h"

namespace oneping::edge {

[[nodiscard]] masque::HopsAnswer hops_towards(const IpAddress& to, const Identity& who,
                                              const Snapshot& snapshot, const TunnelTable& tunnels,
                                              const EdgeConfig& config);

// The best of the connections that answer, of the tunnel that leads there. Nothing without a route
// or a connection.
[[nodiscard]] std::optional<ConnectionRef> connection_towards(const IpAddress& to,
                                                              NetworkId network,
                                                              const Routing& routing,
                                                              const TunnelTable& tunnels);

// Between the edge and the connectors of the tunnel that leads there; the best of the connections
// that answer. Nothing without a route or a connection.
[[nodiscard]] std::optional<Duration> connector_round_trip(const IpAddress& to, NetworkId network,
                                                           const Routing& routing,
                                                           const TunnelTable& tunnels);

}  // namespace oneping::edge
