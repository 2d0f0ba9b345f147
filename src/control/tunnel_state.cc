#include "control/tunnel_state.h"

#include <algorithm>

namespace oneping::control {

const edge::TunnelStatus* find_live(const LiveTunnels& live, const Uuid& tunnel) {
  const auto found = live.find(tunnel);
  return found == live.end() ? nullptr : &found->second;
}

edge::TunnelHealth health_of(const Tunnel& tunnel, const LiveTunnels& live) {
  using enum edge::TunnelHealth;
  const edge::TunnelStatus* status = find_live(live, tunnel.uuid);
  const edge::TunnelHealth since_start = status == nullptr ? inactive : status->health;
  return since_start == inactive && tunnel.last_connected ? down : since_start;
}

std::size_t connections_of(const edge::TunnelStatus& status) {
  std::size_t count = 0;
  for (const auto& connector : status.connectors) count += connector.connections.size();
  return count;
}

std::optional<Duration> best_rtt(const edge::TunnelStatus& status) {
  std::optional<Duration> best;
  for (const auto& connector : status.connectors) {
    for (const auto& connection : connector.connections) {
      best = std::min(best.value_or(connection.rtt), connection.rtt);
    }
  }
  return best;
}

}  // namespace oneping::control
