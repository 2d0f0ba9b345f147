#include "app/edge_metrics.h"

#include "app/metrics.h"
#include "app/transport_metrics.h"

namespace oneping {

namespace {

double count(auto n) { return static_cast<double>(n); }

void add_path(Metrics& metrics, const edge::PacketPath& packets) {
  metrics.add_stage("edge", kToNetwork, packets.to_network());
  metrics.add_stage("edge", kToClient, packets.to_client());
  metrics.add_counter("oneping_icmp_errors_suppressed_total",
                      "ICMP errors that were due but over the limit.",
                      count(packets.errors_suppressed()));
  for (const Protocol protocol : {Protocol::icmp, Protocol::udp}) {
    metrics.add_gauge("oneping_flows", "Flows that are remembered.", count(packets.flows(protocol)),
                      {{"protocol", std::string(to_string(protocol))}});
  }
  const edge::UdpSessions& sessions = packets.udp_sessions();
  metrics.add_stage("udp_sessions", kToNetwork, sessions.counters());
  metrics.add_stage("udp_sessions", kToClient, sessions.payload_counters());
  metrics.add_gauge("oneping_udp_sessions", "UDP sessions with connectors of other software.",
                    count(sessions.size()));
  metrics.add_counter("oneping_flows_evicted_total", "Flows forgotten because the table was full.",
                      count(packets.flows_evicted()));
  for (const Protocol protocol : {Protocol::icmp, Protocol::udp}) {
    for (const Verdict verdict : {Verdict::allow, Verdict::deny}) {
      metrics.add_counter("oneping_flow_verdicts_total", "Verdicts of policies on new flows.",
                          count(packets.verdicts(protocol, verdict)),
                          {{"protocol", std::string(to_string(protocol))},
                           {"verdict", std::string(to_string(verdict))}});
    }
  }
}

void add_connections(Metrics& metrics, const edge::TunnelTable& tunnels) {
  tunnels.connections().for_each([&](auto, const edge::LiveConnection& live) {
    const auto* tunnel = tunnels.tunnels().find(live.tunnel);
    const auto& registration = *live.connection->registration();
    add_connection(metrics, live.connection->quic(),
                   {{"tunnel", tunnel != nullptr ? tunnel->config->name : std::string()},
                    {"connector", to_string(registration.connector_id)},
                    {"connection", std::to_string(registration.connection_index)}});
  });
}

void add_devices(Metrics& metrics, const edge::DeviceGate& devices) {
  metrics.add_gauge("oneping_devices_online", "Devices that have a session.",
                    count(devices.devices_online()));
  metrics.add_counter("oneping_device_sessions_opened_total", "Sessions of devices that began.",
                      count(devices.sessions_opened()));
  metrics.add_counter(
      "oneping_device_sessions_refused_total",
      "Sessions that were asked for by nobody's, or a revoked device's certificate.",
      count(devices.sessions_refused()));
}

void add_flow_log(Metrics& metrics, const FlowLogWriter& flow_log) {
  metrics.add_counter("oneping_flow_log_lines_total", "Verdicts written to the flow log.",
                      count(flow_log.written()));
  metrics.add_counter("oneping_flow_log_dropped_total",
                      "Verdicts that the flow log could not take.", count(flow_log.dropped()));
}

}  // namespace

std::vector<prometheus::MetricFamily> edge_metrics(const EdgeParts& parts) {
  Metrics metrics;
  add_path(metrics, parts.edge.packets());
  add_connections(metrics, parts.edge.tunnels());
  add_devices(metrics, parts.edge.devices());
  metrics.add_counter("oneping_registrations_refused_total", "Connectors that had no valid token.",
                      count(parts.edge.registrations_refused()));
  if (parts.tun != nullptr) add_tun(metrics, *parts.tun);
  add_flow_log(metrics, parts.flow_log);
  add_endpoint(metrics, parts.endpoint.stats());
  for (const auto& socket : parts.sockets.sockets()) {
    add_socket(metrics, socket->counters(), {{"local", socket->local().to_string()}});
  }
  return metrics.take();
}

}  // namespace oneping
