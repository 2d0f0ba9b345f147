// The control plane of a world: what there is, for tests to change, and the snapshot made of it.
#pragma once

#include <string>
#include <vector>

#include "edge/snapshot.h"

namespace oneping::sim {

inline constexpr const char* kAccount = "oneping";

using Secret = std::vector<std::uint8_t>;

class ControlPlane {
 public:
  struct Tunnel {
    std::string name;
    Uuid id{};
    std::vector<Secret> secrets;  // any opens it; the first is the one that connectors have
    tunnel::PathMode path = tunnel::PathMode::full;
  };
  struct Route {
    Prefix prefix;
    std::string tunnel;
    NetworkId network = 0;
  };

  // One tunnel, "sim", with routes to the private network, and one device, number 1, alice's
  // "laptop", which may reach everything.
  ControlPlane();

  std::vector<Tunnel> tunnels;
  std::vector<Route> routes;
  std::vector<PolicyRule> rules;
  Verdict by_default = Verdict::allow;
  std::vector<edge::Identity> devices;

  [[nodiscard]] Tunnel& tunnel(const std::string& name);
  void add_tunnel(const std::string& name);
  void remove_tunnel(const std::string& name);  // and its routes
  void add_route(const char* prefix, const std::string& tunnel, NetworkId network = 0);
  void remove_route(const char* prefix);

  // Make their part of the snapshot anew; a tunnel that is as it was keeps its pointer.
  void remake_routing();
  void remake_policies();
  void remake_identities();
  [[nodiscard]] const edge::Snapshot& snapshot() const { return snapshot_; }

 private:
  [[nodiscard]] std::shared_ptr<const edge::TunnelConfig> config_of(const Tunnel& tunnel) const;

  edge::Snapshot snapshot_;
  std::uint8_t tunnels_made_ = 0;
};

}  // namespace oneping::sim
