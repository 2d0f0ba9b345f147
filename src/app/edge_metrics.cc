#include "app/edge_metrics.h"

#include "app/metrics.h"
#include "app/transport_metrics.h"

namespace oneping {

std::vector<prometheus::MetricFamily> edge_metrics(const edge::Edge& edge,
                                                   const quic::Endpoint& endpoint,
                                                   const ListenSockets& sockets,
                                                   const TunDevice* tun) {
  const auto count = [](auto n) { return static_cast<double>(n); };
  Metrics metrics;
  metrics.add_stage("edge", edge.counters());
  metrics.add_counter("oneping_icmp_errors_suppressed_total",
                      "ICMP errors that were due but over the limit.",
                      count(edge.errors_suppressed()));
  metrics.add_gauge("oneping_flows", "Echo flows that are remembered.", count(edge.flows()));
  metrics.add_counter("oneping_flows_evicted_total", "Flows forgotten because the table was full.",
                      count(edge.flows_evicted()));
  metrics.add_counter("oneping_registrations_refused_total", "Connectors that had no valid token.",
                      count(edge.registrations_refused()));
  for (const edge::Tunnel& tunnel : edge.tunnels().tunnels()) {
    if (tunnel.removed) continue;
    metrics.add_gauge("oneping_tunnel_connections", "Connections that serve a tunnel now.",
                      count(tunnel.connections.size()), {{"tunnel", tunnel.config.name}});
  }
  for (const edge::LiveConnection& live : edge.tunnels().places()) {
    if (live.connection == nullptr) continue;
    const auto& registration = *live.connection->registration();
    add_connection(metrics, live.connection->quic(),
                   {{"tunnel", edge.tunnels().tunnel(live.tunnel).config.name},
                    {"connector", to_string(registration.connector_id)},
                    {"connection", std::to_string(registration.connection_index)}});
  }
  if (tun != nullptr) {
    metrics.add_counter("oneping_tun_dropped_no_buffer_total",
                        "Packets of the TUN device that no buffer was free for.",
                        count(tun->dropped_no_buffer()));
  }
  add_endpoint(metrics, endpoint.stats());
  for (const auto& socket : sockets.sockets()) {
    add_socket(metrics, socket->counters(), {{"local", socket->local().to_string()}});
  }
  return metrics.take();
}

}  // namespace oneping
