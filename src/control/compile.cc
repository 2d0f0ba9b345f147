#include "control/compile.h"

#include <algorithm>

namespace oneping::control {

namespace {

// Everything of a tunnel that the edge acts by.
bool acts_alike(const Tunnel& a, const Tunnel& b) {
  return a.name == b.name && a.uuid == b.uuid && a.account == b.account && a.secret == b.secret &&
         a.previous_secret == b.previous_secret && a.previous_until == b.previous_until &&
         a.path == b.path;
}

bool is_same(const edge::TunnelConfig& a, const edge::TunnelConfig& b) {
  return a.name == b.name && a.id == b.id && a.account == b.account && a.secrets == b.secrets &&
         a.path == b.path;
}

// Finds out for each change what it touches, by what was there before.
class Touching {
 public:
  explicit Touching(const Directory& before) : before_(before) {}
  Touched touched;

  void operator()(const Vnet&) const {}
  void operator()(const EnrolmentKey&) const {}
  void operator()(const ApiToken&) const {}
  void operator()(const Settings&) { touched.policies = true; }
  void operator()(const Policy&) { touched.policies = true; }

  void operator()(const Tunnel& tunnel) {
    const Tunnel* was = before_.tunnels().find(tunnel.id);
    if (was == nullptr || !acts_alike(*was, tunnel)) touched.tunnels = true;
  }
  void operator()(const Route& route) {
    const Route* was = before_.find_route(route.id);
    if (was != nullptr && was->prefix == route.prefix && was->vnet == route.vnet &&
        was->tunnel == route.tunnel) {
      return;
    }
    if (was != nullptr) touched.networks.insert(was->vnet);
    touched.networks.insert(route.vnet);
  }
  void operator()(const User& user) {
    const User* was = before_.users().find(user.id);
    if (was == nullptr || was->name == user.name) return;
    touched.policies = true;
    touch_devices_of(user.id);
  }
  void operator()(const Group& group) {
    const Group* was = before_.groups().find(group.id);
    const bool is_renamed = was != nullptr && was->name != group.name;
    if (is_renamed) touched.policies = true;
    if (was != nullptr && !is_renamed && was->members == group.members) return;
    for (const Id user : group.members) touch_devices_of(user);
    if (was == nullptr) return;
    for (const Id user : was->members) touch_devices_of(user);
  }
  void operator()(const Device& device) {
    const Device* was = before_.devices().find(device.id);
    if (was != nullptr && was->name != device.name) touched.policies = true;
    touched.identities.insert(device.id);
  }
  void operator()(const Erase& gone) {
    switch (gone.kind) {
      case Kind::tunnel: touched.tunnels = true; break;
      case Kind::policy: touched.policies = true; break;
      case Kind::device: touched.identities.insert(gone.id); break;
      case Kind::route:
        if (const Route* was = before_.find_route(gone.id)) touched.networks.insert(was->vnet);
        break;
      case Kind::group:
        if (const Group* was = before_.groups().find(gone.id)) {
          for (const Id user : was->members) touch_devices_of(user);
        }
        break;
      case Kind::vnet:
      case Kind::user:  // who is deleted has no device
      case Kind::enrolment_key:
      case Kind::api_token: break;
    }
  }

 private:
  void touch_devices_of(Id user) {
    for (const Id device : before_.devices_of(user)) touched.identities.insert(device);
  }

  const Directory& before_;
};

// The earlier of two times, where one may not come at all.
void bring_nearer(std::optional<Timestamp>& deadline, const std::optional<Timestamp>& other) {
  if (other && (!deadline || *other < *deadline)) deadline = other;
}

bool is_previous_good(const Tunnel& tunnel, Timestamp now) {
  return tunnel.previous_secret && now < tunnel.previous_until;
}

edge::TunnelConfig compile_tunnel(const Tunnel& tunnel, Timestamp now) {
  edge::TunnelConfig config{.name = tunnel.name,
                            .id = tunnel.uuid,
                            .account = tunnel.account,
                            .secrets = {},
                            .path = tunnel.path};
  if (tunnel.secret) config.secrets.push_back(*tunnel.secret);
  if (is_previous_good(tunnel, now)) config.secrets.push_back(*tunnel.previous_secret);
  return config;
}

Subject compile_subject(const PolicyWho& who, const Directory& directory) {
  switch (who.kind) {
    case SubjectKind::user: return {who.kind, directory.users().find(who.id)->name};
    case SubjectKind::group: return {who.kind, directory.groups().find(who.id)->name};
    case SubjectKind::device: return {who.kind, directory.devices().find(who.id)->name};
    case SubjectKind::tag: break;
  }
  return {who.kind, who.tag};
}

PolicyRule compile_rule(const Policy& policy, const Directory& directory) {
  PolicyRule rule;
  rule.name = policy.name;
  for (const PolicyWho& who : policy.who) rule.who.push_back(compile_subject(who, directory));
  rule.to = policy.to;
  if (policy.vnet) rule.network = network_of(*policy.vnet);
  rule.protocol = policy.protocol;
  rule.ports = policy.ports;
  rule.verdict = policy.verdict;
  return rule;
}

bool is_in_force(const Policy& policy, Timestamp at) {
  return (!policy.from || *policy.from <= at) && (!policy.until || at < *policy.until);
}

}  // namespace

Touched touched_by(std::span<const Change> changes, const Directory& before) {
  Touching touching(before);
  for (const Change& change : changes) std::visit(touching, change);
  return touching.touched;
}

NetworkId network_of(Id vnet) { return static_cast<NetworkId>(vnet); }

PolicyTable compile_policies(const Directory& directory, Timestamp at) {
  std::vector<PolicyRule> rules;
  for (const Id id : directory.policy_order()) {
    const Policy& policy = *directory.policies().find(id);
    if (is_in_force(policy, at)) rules.push_back(compile_rule(policy, directory));
  }
  return PolicyTable(std::move(rules), directory.settings().default_verdict);
}

edge::Identity compile_identity(const Device& device, const Directory& directory) {
  edge::Identity identity;
  identity.id = device.id;
  identity.device = device.name;
  identity.tags = device.tags;
  identity.network = network_of(device.vnet);
  identity.is_ingress = device.kind == DeviceKind::ingress;
  for (const IpAddress& address : device.addresses) {
    identity.addresses.emplace_back(address, address.is_v4() ? 32 : 128);
  }
  identity.key_pin = device.key_pin;
  identity.revoked = device.revoked;
  if (!device.user) return identity;
  identity.user = directory.users().find(*device.user)->name;
  for (const Id group : directory.groups_of(*device.user)) {
    identity.groups.push_back(directory.groups().find(group)->name);
  }
  return identity;
}

SnapshotMaker::SnapshotMaker(const Directory& directory, Timestamp now) {
  Touched everything{.tunnels = true, .networks = {}, .policies = true, .identities = {}};
  for (const auto& [id, device] : directory.devices().all()) everything.identities.insert(id);
  update(directory, everything, now);
}

void SnapshotMaker::update(const Directory& directory, const Touched& touched, Timestamp now) {
  if (touched.routing()) make_routing(directory, touched, now);
  if (touched.policies) make_policies(directory, now);
  if (!touched.identities.empty()) make_identities(directory, touched.identities);
}

bool SnapshotMaker::on_time(const Directory& directory, Timestamp now) {
  const edge::Snapshot before = snapshot_;
  if (!routing_.covers(now)) {
    make_routing(directory, {.tunnels = true, .networks = {}, .policies = false, .identities = {}},
                 now);
  }
  if (!policies_.covers(now)) make_policies(directory, now);
  return before.routing != snapshot_.routing || before.policies != snapshot_.policies;
}

std::optional<Timestamp> SnapshotMaker::next_deadline() const {
  std::optional<Timestamp> deadline = routing_.until;
  bring_nearer(deadline, policies_.until);
  return deadline;
}

// A route's target is its tunnel's place, which another tunnel's end may change: then the tables of
// all networks are made anew, and else of those touched.
void SnapshotMaker::make_routing(const Directory& directory, const Touched& touched,
                                 Timestamp now) {
  std::map<Uuid, std::shared_ptr<const edge::TunnelConfig>> known;
  for (const auto& config : snapshot_.routing->tunnels) known.emplace(config->id, config);

  auto routing = std::make_shared<edge::Routing>();
  routing_ = {.from = now, .until = {}};
  std::unordered_map<Id, RouteTarget> places;
  for (const auto& [id, tunnel] : directory.tunnels().all()) {
    places.emplace(id, static_cast<RouteTarget>(routing->tunnels.size()));
    edge::TunnelConfig config = compile_tunnel(tunnel, now);
    auto& before = known[tunnel.uuid];
    const bool stays = before != nullptr && is_same(*before, config);
    routing->tunnels.push_back(
        stays ? before : std::make_shared<const edge::TunnelConfig>(std::move(config)));
    if (is_previous_good(tunnel, now)) bring_nearer(routing_.until, tunnel.previous_until);
  }

  Directory::Ids anew = touched.networks;
  if (touched.tunnels) {
    for (const auto& [id, vnet] : directory.vnets().all()) anew.insert(id);
  } else {
    routing->networks = snapshot_.routing->networks;
    routing->prefixes = snapshot_.routing->prefixes;
  }
  for (const Id vnet : anew) {
    routing->networks.erase(network_of(vnet));
    routing->prefixes.erase(network_of(vnet));
    const Directory::RoutesByPrefix& there = directory.routes_in(vnet);
    if (there.empty()) continue;
    std::vector<oneping::Route> routes;
    std::vector<Prefix> prefixes;
    routes.reserve(there.size());
    prefixes.reserve(there.size());
    for (const auto& [prefix, id] : there) {
      routes.push_back({prefix, places.at(directory.find_route(id)->tunnel)});
      prefixes.push_back(prefix);
    }
    routing->networks.emplace(network_of(vnet), RouteTable(routes));
    routing->prefixes.emplace(network_of(vnet), std::move(prefixes));
  }
  snapshot_.routing = std::move(routing);
}

void SnapshotMaker::make_policies(const Directory& directory, Timestamp now) {
  snapshot_.policies = std::make_shared<const PolicyTable>(compile_policies(directory, now));
  policies_ = {.from = now, .until = {}};
  for (const auto& [id, policy] : directory.policies().all()) {
    if (policy.from && now < *policy.from) bring_nearer(policies_.until, policy.from);
    if (policy.until && now < *policy.until) bring_nearer(policies_.until, policy.until);
  }
}

void SnapshotMaker::make_identities(const Directory& directory, const Directory::Ids& devices) {
  auto identities = std::make_shared<edge::Identities>(*snapshot_.identities);
  for (const Id id : devices) {
    const Device* device = directory.devices().find(id);
    if (device == nullptr) {
      identities->erase(id);
    } else {
      identities->set(std::make_shared<const edge::Identity>(compile_identity(*device, directory)));
    }
  }
  snapshot_.identities = std::move(identities);
}

}  // namespace oneping::control
