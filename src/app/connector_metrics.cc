#include "app/connector_metrics.h"

#include "app/metrics.h"
#include "app/transport_metrics.h"

namespace oneping {

namespace {

double number(auto n) { return static_cast<double>(n); }

void add_udp(Metrics& metrics, const UdpProxy& proxy, const UdpLinux& sockets) {
  metrics.add_stage("udp", kToNetwork, proxy.request_counters());
  metrics.add_stage("udp", kToClient, proxy.reply_counters());
  metrics.add_stage("udp_errors", kToClient, proxy.error_counters());
  metrics.add_stage("udp_sessions", kToNetwork, proxy.session_request_counters());
  metrics.add_stage("udp_sessions", kToClient, proxy.session_reply_counters());
  metrics.add_stage("udp_sockets", kToNetwork, sockets.send_counters());
  metrics.add_stage("udp_sockets", kToClient, sockets.receive_counters());
  metrics.add_counter("oneping_udp_kernel_drops_total",
                      "Datagrams that the kernel dropped before they could be read.",
                      number(sockets.kernel_drops()));
  const UdpMappings& mappings = proxy.mappings();
  metrics.add_gauge("oneping_udp_mappings", "UDP sockets that are open.",
                    number(mappings.mappings()));
  metrics.add_gauge("oneping_udp_mappings_limit", "UDP sockets that may be open.",
                    number(mappings.capacity()));
  metrics.add_gauge("oneping_udp_flows", "Remote ends that they talk to.",
                    number(mappings.flows()));
  metrics.add_counter("oneping_udp_mappings_opened_total", "UDP sockets that were opened.",
                      number(mappings.opened()));
  metrics.add_counter("oneping_udp_flows_expired_total", "Flows that were idle for too long.",
                      number(mappings.expired()));
  metrics.add_counter("oneping_udp_evicted_total",
                      "Mappings and flows that made room for others before their time.",
                      number(mappings.evicted()));
  metrics.add_gauge("oneping_udp_table_bytes", "Memory of the tables of mappings and flows.",
                    number(mappings.memory()));
}

}  // namespace

std::vector<prometheus::MetricFamily> connector_metrics(const connector::Connector& connector,
                                                        const SystemEcho& echo, const UdpLinux& udp,
                                                        const UplinkSockets& sockets) {
  const auto count = [](auto n) { return static_cast<double>(n); };
  Metrics metrics;
  metrics.add_stage("connector", kToNetwork, connector.to_network());
  metrics.add_stage("connector", kToClient, connector.to_client());
  metrics.add_stage("echo", kToNetwork, connector.echo().request_counters());
  metrics.add_stage("echo", kToClient, connector.echo().reply_counters());
  metrics.add_stage("echo_errors", kToClient, connector.echo().error_counters());
  metrics.add_stage("ping_sockets", kToNetwork, echo.send_counters());
  metrics.add_stage("ping_sockets", kToClient, echo.receive_counters());
  metrics.add_counter("oneping_icmp_errors_suppressed_total",
                      "ICMP errors that were due but over the limit.",
                      count(connector.errors_suppressed()));
  metrics.add_counter(
      "oneping_probes_delayed_total",
      "Packets with few hops left that waited so as not to come too fast for routers.",
      count(connector.probes().delayed()));
  metrics.add_counter("oneping_probes_refused_total", "Those that would have had to wait too long.",
                      count(connector.probes().refused()));
  metrics.add_counter("oneping_ping_kernel_drops_total",
                      "Replies that the kernel dropped before they could be read.",
                      count(echo.kernel_drops()));
  metrics.add_gauge("oneping_echo_outstanding", "Echo requests that wait for an answer.",
                    count(connector.echo().outstanding()));
  metrics.add_counter("oneping_echo_expired_total", "Echo requests that got no answer in time.",
                      count(connector.echo().expired()));
  metrics.add_counter("oneping_echo_evicted_total",
                      "Echo requests that gave way to newer ones because the table was full.",
                      count(connector.echo().evicted()));
  metrics.add_counter("oneping_echo_duplicates_total", "Replies that came more than once.",
                      count(connector.echo().duplicates()));
  metrics.add_gauge("oneping_echo_table_bytes", "Memory of the tables of outstanding requests.",
                    count(connector.echo().memory()));
  add_udp(metrics, connector.udp(), udp);
  metrics.add_gauge("oneping_ready_connections", "Connections that are registered with an edge.",
                    count(connector.ready_connections()));
  for (const auto& uplink : connector.uplinks()) {
    if (uplink->quic() == nullptr) continue;
    add_connection(metrics, *uplink->quic(), {{"connection", std::to_string(uplink->index())}});
  }
  for (std::size_t i = 0; i < sockets.uplinks().size(); ++i) {
    const auto& uplink = sockets.uplinks()[i];
    const Metrics::Labels labels{{"connection", std::to_string(i)}};
    add_endpoint(metrics, uplink.endpoint->stats(), labels);
    if (uplink.socket) add_socket(metrics, uplink.socket->counters(), labels);
  }
  return metrics.take();
}

}  // namespace oneping
