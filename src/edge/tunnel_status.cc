#include "edge/tunnel_status.h"

#include <algorithm>

namespace oneping::edge {

namespace {

ConnectionStatus status_of(const LiveConnection& live, Time now) {
  const tunnel::Registration& registration = *live.connection->registration();
  const quic::Connection& quic = live.connection->quic();
  const quic::ConnectionStats stats = quic.stats();
  return {.index = registration.connection_index,
          .peer = quic.path().remote,
          .local = quic.path().local,
          .version = registration.version,
          .arch = registration.arch,
          .features = registration.features,
          .datagram = tunnel::datagram_version(registration),
          .age = now - live.registered,
          .rtt = stats.smoothed_rtt,
          .datagrams_sent = quic.datagram_counters().forwarded(),
          .datagrams_lost = stats.datagrams_lost,
          .mtu = live.connection->link().max_packet_size(),
          .is_draining = live.connection->is_draining(),
          .is_silent = live.health.is_suspect()};
}

// What has come back says more than what was announced.
IcmpState icmp_state(bool has_replied, const std::optional<tunnel::IcmpAnnouncement>& announced) {
  if (has_replied) return IcmpState::available;
  if (!announced) return IcmpState::unknown;
  return announced->unavailable ? IcmpState::unavailable : IcmpState::available;
}

void add_reason(std::string& reasons, IcmpState state,
                const std::optional<tunnel::IcmpAnnouncement>& announced) {
  if (state != IcmpState::unavailable || reasons == *announced->unavailable) return;
  if (!reasons.empty()) reasons += "; ";
  reasons += *announced->unavailable;
}

ConnectorStatus status_of(const LiveConnector& connector, const TunnelTable& tunnels, Time now) {
  const auto& [has_v4, has_v6] = connector.has_replied;
  ConnectorStatus status{.id = connector.id,
                         .wanted = connector.wanted(),
                         .icmp_v4 = icmp_state(has_v4, connector.announcement.icmp_v4),
                         .icmp_v6 = icmp_state(has_v6, connector.announcement.icmp_v6),
                         .udp = connector.announcement.udp.value_or(tunnel::UdpCarriage::sessions)};
  add_reason(status.icmp_reason, status.icmp_v4, connector.announcement.icmp_v4);
  add_reason(status.icmp_reason, status.icmp_v6, connector.announcement.icmp_v6);
  for (const ConnectionRef ref : connector.connections) {
    status.connections.push_back(status_of(*tunnels.connections().find(ref), now));
  }
  std::ranges::sort(status.connections, {}, &ConnectionStatus::index);
  return status;
}

}  // namespace

std::vector<TunnelStatus> status_of(const TunnelTable& tunnels, Time now) {
  std::vector<TunnelStatus> all;
  tunnels.tunnels().for_each([&](TunnelRef, const LiveTunnel& tunnel) {
    if (tunnel.health == TunnelHealth::inactive) return;
    TunnelStatus status{.id = tunnel.config->id, .health = tunnel.health};
    if (tunnel.health == TunnelHealth::degraded || tunnel.health == TunnelHealth::healthy) {
      status.uptime = now - tunnel.up_since;
    }
    for (const LiveConnector& connector : tunnel.connectors) {
      status.connectors.push_back(status_of(connector, tunnels, now));
    }
    all.push_back(std::move(status));
  });
  return all;
}

}  // namespace oneping::edge
