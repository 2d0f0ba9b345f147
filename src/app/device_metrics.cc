#include "app/device_metrics.h"

#include "app/metrics.h"
#include "app/transport_metrics.h"

namespace oneping {

std::vector<prometheus::MetricFamily> device_metrics(const DeviceReport& report,
                                                     const DeviceSockets& sockets,
                                                     const TunDevice& tun) {
  const auto count = [](auto n) { return static_cast<double>(n); };
  const device::SessionStatus& session = report.session;
  Metrics metrics;
  metrics.add_stage("device", kToNetwork, report.path.to_edge());
  metrics.add_stage("device", kToClient, report.path.from_edge());
  metrics.add_gauge("oneping_device_session_open", "Whether there is a session with the edge.",
                    session.state == device::SessionState::open ? 1 : 0);
  metrics.add_counter("oneping_device_sessions_total", "Sessions that there have been.",
                      count(session.sessions));
  metrics.add_counter("oneping_device_datagrams_sent_total", "Datagrams that left for the edge.",
                      count(session.sent));
  metrics.add_counter("oneping_device_datagrams_lost_total", "Of them, lost on the way.",
                      count(session.lost));
  metrics.add_gauge("oneping_device_rtt_seconds", "Round trip to the edge; 0 without a session.",
                    std::chrono::duration<double>(session.round_trip).count());
  metrics.add_gauge("oneping_device_mtu_bytes", "MTU of the interface.", count(report.plan.mtu));
  metrics.add_gauge("oneping_device_routes", "Routes of the interface.",
                    count(report.plan.routes.size()));
  metrics.add_gauge("oneping_device_routes_left_out", "Routes that the host did not get.",
                    count(report.routes_left_out));
  metrics.add_gauge("oneping_device_certificate_expiry_seconds",
                    "When the device's certificate ends, in seconds since 1970.",
                    count(report.certificate.not_after.time_since_epoch().count()));
  add_tun(metrics, tun);
  int number = 0;
  for (const auto& endpoint : sockets.endpoints()) {
    const std::string name = std::to_string(number++);
    add_endpoint(metrics, endpoint->quic->stats(), {{"endpoint", name}});
    if (endpoint->v4) {
      add_socket(metrics, endpoint->v4->counters(), {{"endpoint", name}, {"family", "ipv4"}});
    }
    if (endpoint->v6) {
      add_socket(metrics, endpoint->v6->counters(), {{"endpoint", name}, {"family", "ipv6"}});
    }
  }
  return metrics.take();
}

}  // namespace oneping
