#include "app/control_metrics.h"

#include <map>

#include "app/metrics.h"
#include "control/tunnel_state.h"

namespace oneping {

namespace {

void add_tunnels(Metrics& metrics, control::Control& control) {
  const auto live = control.live_tunnels();
  if (!live) return;
  using enum edge::TunnelHealth;
  std::map<edge::TunnelHealth, double> tunnels = {
      {healthy, 0}, {degraded, 0}, {down, 0}, {inactive, 0}};
  control.read([&](const control::Directory& directory) {
    for (const auto& [id, tunnel] : directory.tunnels().all()) {
      ++tunnels[control::health_of(tunnel, *live)];
    }
    return 0;
  });
  for (const auto& [health, number] : tunnels) {
    metrics.add_gauge("oneping_tunnels", "Tunnels by their status.", number,
                      {{"status", std::string(to_string(health))}});
  }
}

}  // namespace

std::vector<prometheus::MetricFamily> control_metrics(ControlPlane& control_plane) {
  Metrics metrics;
  add_tunnels(metrics, control_plane.control());
  metrics.add_histogram("oneping_store_commit_seconds", "How long the store took for a change.",
                        control_plane.control().commit_latencies());
  for (const auto& request : control_plane.api().latencies()) {
    metrics.add_histogram("oneping_api_request_seconds", "How long requests to the API took.",
                          request.counts,
                          {{"method", request.method},
                           {"route", request.route},
                           {"status", std::to_string(request.status_class) + "xx"}});
  }
  return metrics.take();
}

}  // namespace oneping
