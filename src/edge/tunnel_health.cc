#include "edge/tunnel_health.h"

namespace oneping::edge {

namespace {

void watch_connections(Slots<LiveConnection>& connections, Time now) {
  connections.for_each([now](ConnectionRef, LiveConnection& live) {
    const quic::Connection& quic = live.connection->quic();
    live.health.observe(quic.stats(), quic.datagram_counters().forwarded(), now);
  });
}

bool is_up(TunnelHealth health) {
  return health == TunnelHealth::degraded || health == TunnelHealth::healthy;
}

}  // namespace

void watch_health(TunnelTable& tunnels, EdgeEvents* events, Time now) {
  watch_connections(tunnels.connections(), now);
  tunnels.tunnels().for_each([&](TunnelRef, LiveTunnel& tunnel) {
    const TunnelHealth health = health_of(tunnel, tunnels);
    if (health == tunnel.health) return;
    if (is_up(health) && !is_up(tunnel.health)) tunnel.up_since = now;
    tunnel.health = health;
    if (events != nullptr) events->on_tunnel_health(*tunnel.config, health);
  });
}

TunnelHealth health_of(const LiveTunnel& tunnel, const TunnelTable& tunnels) {
  if (!tunnel.was_connected) return TunnelHealth::inactive;
  bool is_any_heard = false;
  bool are_all_there = true;
  for (const LiveConnector& connector : tunnel.connectors) {
    if (connector.connections.size() < connector.wanted()) are_all_there = false;
    for (const ConnectionRef ref : connector.connections) {
      const LiveConnection& live = *tunnels.connections().find(ref);
      if (!live.health.is_suspect()) is_any_heard = true;
      if (live.health.is_suspect() || live.connection->is_draining()) are_all_there = false;
    }
  }
  if (!is_any_heard) return TunnelHealth::down;
  return are_all_there ? TunnelHealth::healthy : TunnelHealth::degraded;
}

}  // namespace oneping::edge
