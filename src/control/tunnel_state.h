// How a tunnel is: what the edge knows of it since its start, and what the store knows of before.
#pragma once

#include <map>
#include <optional>

#include "control/model.h"
#include "edge/status.h"

namespace oneping::control {

using LiveTunnels = std::map<Uuid, edge::TunnelStatus>;

// Null: it has had no connection since the edge started.
[[nodiscard]] const edge::TunnelStatus* find_live(const LiveTunnels& live, const Uuid& tunnel);

// A tunnel that was connected before the edge started, and is not now, is down.
[[nodiscard]] edge::TunnelHealth health_of(const Tunnel& tunnel, const LiveTunnels& live);

// Of all its connections.
[[nodiscard]] std::size_t connections_of(const edge::TunnelStatus& status);
[[nodiscard]] std::optional<Duration> best_rtt(const edge::TunnelStatus& status);

}  // namespace oneping::control
