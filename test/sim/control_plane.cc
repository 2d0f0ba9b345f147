#include "test/sim/control_plane.h"

#include <algorithm>
#include <map>

#include "quic/crypto.h"

namespace oneping::sim {

ControlPlane::ControlPlane() {
  add_tunnel("sim");
  for (const char* prefix :
       {"172.16.10.0/24", "10.20.0.0/16", "fd00:172:16:10::/64", "fd00:10:20::/48"}) {
    add_route(prefix, "sim");
  }
  devices.push_back({.id = 1, .device = "laptop", .user = "alice", .is_ingress = true});
  remake_routing();
  remake_policies();
  remake_identities();
}

ControlPlane::Tunnel& ControlPlane::tunnel(const std::string& name) {
  return *std::ranges::find(tunnels, name, &Tunnel::name);
}

void ControlPlane::add_tunnel(const std::string& name) {
  const std::uint8_t number = ++tunnels_made_;
  tunnels.push_back({.name = name,
                     .id = {1, 2, 3, 4, number},
                     .secrets = {Secret(32, static_cast<std::uint8_t>(0x5d + number))}});
}

void ControlPlane::remove_tunnel(const std::string& name) {
  std::erase_if(tunnels, [&](const Tunnel& tunnel) { return tunnel.name == name; });
  std::erase_if(routes, [&](const Route& route) { return route.tunnel == name; });
}

void ControlPlane::add_route(const char* prefix, const std::string& tunnel, NetworkId network) {
  routes.push_back({Prefix::parse(prefix).value(), tunnel, network});
}

void ControlPlane::remove_route(const char* prefix) {
  const Prefix gone = Prefix::parse(prefix).value();
  std::erase_if(routes, [&](const Route& route) { return route.prefix == gone; });
}

void ControlPlane::remake_routing() {
  auto routing = std::make_shared<edge::Routing>();
  std::map<std::string, RouteTarget> targets;
  for (const Tunnel& tunnel : tunnels) {
    targets[tunnel.name] = static_cast<RouteTarget>(routing->tunnels.size());
    routing->tunnels.push_back(config_of(tunnel));
  }
  std::map<NetworkId, std::vector<oneping::Route>> tables;
  for (const Route& route : routes) {
    tables[route.network].push_back({route.prefix, targets.at(route.tunnel)});
  }
  for (const auto& [network, table] : tables) {
    routing->networks[network] = RouteTable(table);
    std::vector<Prefix>& prefixes = routing->prefixes[network];
    for (const oneping::Route& route : table) prefixes.push_back(route.prefix);
    std::ranges::sort(prefixes);
  }
  snapshot_.routing = std::move(routing);
}

void ControlPlane::remake_policies() {
  snapshot_.policies = std::make_shared<PolicyTable>(rules, by_default);
}

void ControlPlane::remake_identities() {
  auto identities = std::make_shared<edge::Identities>();
  for (const edge::Identity& device : devices) {
    identities->set(std::make_shared<edge::Identity>(device));
  }
  snapshot_.identities = std::move(identities);
}

std::shared_ptr<const edge::TunnelConfig> ControlPlane::config_of(const Tunnel& tunnel) const {
  edge::TunnelConfig config{.name = tunnel.name, .id = tunnel.id, .account = kAccount};
  config.path = tunnel.path;
  for (const Secret& secret : tunnel.secrets) config.secrets.push_back(quic::sha256(secret));
  for (const auto& before : snapshot_.routing->tunnels) {
    if (before->id == config.id && before->name == config.name &&
        before->secrets == config.secrets && before->path == config.path) {
      return before;
    }
  }
  return std::make_shared<edge::TunnelConfig>(std::move(config));
}

}  // namespace oneping::sim
