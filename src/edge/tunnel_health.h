// How each tunnel is: looks at every connection, and tells when a tunnel has changed.
#pragma once

#include "edge/edge_events.h"
#include "edge/tunnel_table.h"

namespace oneping::edge {

// Called at every tick. `events` may be null.
void watch_health(TunnelTable& tunnels, EdgeEvents* events, Time now);

// As its connections are now.
[[nodiscard]] TunnelHealth health_of(const LiveTunnel& tunnel, const TunnelTable& tunnels);

}  // namespace oneping::edge
