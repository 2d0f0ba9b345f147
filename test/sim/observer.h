// Remembers what an edge tells: verdicts on flows, and how tunnels are.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "edge/edge_events.h"
#include "edge/flow_log.h"

namespace oneping::sim {

class Observer final : public edge::EdgeEvents, public edge::FlowLog {
 public:
  void on_tunnel_health(const edge::TunnelConfig& tunnel, edge::TunnelHealth its_health) override {
    health.emplace_back(tunnel.name, its_health);
  }
  void on_device_online(edge::DeviceId device, bool is_online) override {
    devices.emplace_back(device, is_online);
  }
  void on_verdict(edge::FlowVerdict verdict) override { verdicts.push_back(std::move(verdict)); }

  std::vector<std::pair<std::string, edge::TunnelHealth>> health;
  std::vector<std::pair<edge::DeviceId, bool>> devices;
  std::vector<edge::FlowVerdict> verdicts;
};

}  // namespace oneping::sim
