#include "edge/hops.h"

#include <algorithm>

#include "edge/tunnel_health.h"

namespace oneping::edge {

namespace {

const LiveTunnel* find_tunnel(const IpAddress& to, NetworkId network, const Routing& routing,
                              const TunnelTable& tunnels) {
  const auto routes = routing.networks.find(network);
  if (routes == routing.networks.end()) return nullptr;
  const auto route = routes->second.lookup(to);
  return route ? tunnels.tunnels().find(tunnels.target(*route)) : nullptr;
}

Duration round_trip_of(ConnectionRef ref, const TunnelTable& tunnels) {
  return tunnels.connections().find(ref)->connection->quic().stats().smoothed_rtt;
}

// Of the connections that answer, the best.
std::optional<ConnectionRef> best_of(const LiveTunnel& tunnel, const TunnelTable& tunnels) {
  std::optional<ConnectionRef> best;
  for (const LiveConnector& connector : tunnel.connectors) {
    for (const ConnectionRef ref : connector.connections) {
      if (tunnels.connections().find(ref)->health.is_suspect()) continue;
      if (!best || round_trip_of(ref, tunnels) < round_trip_of(*best, tunnels)) best = ref;
    }
  }
  return best;
}

std::optional<Duration> round_trip(const LiveTunnel& tunnel, const TunnelTable& tunnels) {
  const auto best = best_of(tunnel, tunnels);
  return best ? std::optional(round_trip_of(*best, tunnels)) : std::nullopt;
}

bool may_ping(const Identity& who, const IpAddress& to, const PolicyTable& policies) {
  const auto decision = policies.decide(
      policies.sender(subjects_of(who)),
      {.destination = to, .network = who.network, .protocol = Protocol::icmp, .port = 0});
  return decision.verdict == Verdict::allow;
}

masque::HopsAnswer::Hop edge_hop(const EdgeConfig& config) {
  masque::HopsAnswer::Hop hop{.role = "edge", .addresses = {}, .rtt = {}};
  for (const auto& address : {config.hop_v4, config.hop_v6}) {
    if (address) hop.addresses.push_back(*address);
  }
  return hop;
}

}  // namespace

masque::HopsAnswer hops_towards(const IpAddress& to, const Identity& who, const Snapshot& snapshot,
                                const TunnelTable& tunnels, const EdgeConfig& config) {
  masque::HopsAnswer answer;
  answer.hops.push_back(edge_hop(config));
  if (!may_ping(who, to, *snapshot.policies)) return answer;
  const LiveTunnel* tunnel = find_tunnel(to, who.network, *snapshot.routing, tunnels);
  if (tunnel == nullptr) return answer;
  answer.tunnel = tunnel->config->name;
  answer.status = to_string(health_of(*tunnel, tunnels));
  // From which address a connector answers, it finds for each packet.
  answer.hops.push_back(
      {.role = "connector", .addresses = {}, .rtt = round_trip(*tunnel, tunnels)});
  return answer;
}

std::optional<ConnectionRef> connection_towards(const IpAddress& to, NetworkId network,
                                                const Routing& routing,
                                                const TunnelTable& tunnels) {
  const LiveTunnel* tunnel = find_tunnel(to, network, routing, tunnels);
  return tunnel == nullptr ? std::nullopt : best_of(*tunnel, tunnels);
}

std::optional<Duration> connector_round_trip(const IpAddress& to, NetworkId network,
                                             const Routing& routing, const TunnelTable& tunnels) {
  const LiveTunnel* tunnel = find_tunnel(to, network, routing, tunnels);
  return tunnel == nullptr ? std::nullopt : round_trip(*tunnel, tunnels);
}

}  // namespace oneping::edge
