#include "control/directory.h"

#include <algorithm>

namespace oneping::control {

namespace {

template <typename Index>
const typename Index::mapped_type& found_or_empty(const Index& index, Id id) {
  static const typename Index::mapped_type kEmpty;
  const auto found = index.find(id);
  return found == index.end() ? kEmpty : found->second;
}

// Leaves no empty set behind.
template <typename Index, typename Entry>
void remove(Index& index, Id id, const Entry& entry) {
  const auto found = index.find(id);
  if (found == index.end()) return;
  found->second.erase(entry);
  if (found->second.empty()) index.erase(found);
}

template <typename... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};
template <typename... Cases>
Overloaded(Cases...) -> Overloaded<Cases...>;

}  // namespace

Directory::Directory(const Contents& contents) : settings_(contents.settings) {
  const auto put_all = [this](const auto& things) {
    for (const auto& thing : things) put(thing);
  };
  put_all(contents.vnets);
  put_all(contents.tunnels);
  put_all(contents.routes);
  put_all(contents.users);
  put_all(contents.groups);
  put_all(contents.enrolment_keys);
  put_all(contents.devices);
  put_all(contents.policies);
  put_all(contents.api_tokens);
  last_id_ = contents.last_id;
  sort_policies();
}

void Directory::apply(std::span<const Change> changes) {
  bool policies_changed = false;
  const Overloaded one{
      [this](const Erase& gone) { erase(gone.kind, gone.id); },
      [this](const Settings& settings) { settings_ = settings; },
      [this](const auto& thing) {
        last_id_ = std::max(last_id_, thing.id);
        put(thing);
      },
  };
  for (const Change& change : changes) {
    std::visit(one, change);
    const auto* gone = std::get_if<Erase>(&change);
    policies_changed |=
        std::holds_alternative<Policy>(change) || (gone != nullptr && gone->kind == Kind::policy);
  }
  if (policies_changed) sort_policies();
}

const Tunnel* Directory::find_tunnel(const Uuid& uuid) const {
  const auto found = tunnels_by_uuid_.find(uuid);
  return found == tunnels_by_uuid_.end() ? nullptr : tunnels_.find(found->second);
}

const Route* Directory::find_route(Id id) const {
  const auto found = routes_.find(id);
  return found == routes_.end() ? nullptr : &found->second;
}

const Route* Directory::find_route(Id vnet, const Prefix& prefix) const {
  const RoutesByPrefix& routes = routes_in(vnet);
  const auto found = routes.find(prefix);
  return found == routes.end() ? nullptr : find_route(found->second);
}

const Route* Directory::route_towards(Id vnet, const IpAddress& address) const {
  const RoutesByPrefix& routes = routes_in(vnet);
  for (int length = address.is_v4() ? 32 : 128; length >= 0; --length) {
    const auto found = routes.find(Prefix(address, length));
    if (found != routes.end()) return find_route(found->second);
  }
  return nullptr;
}

const Directory::RoutesByPrefix& Directory::routes_in(Id vnet) const {
  return found_or_empty(routes_by_vnet_, vnet);
}
const Directory::Ids& Directory::routes_of(Id tunnel) const {
  return found_or_empty(routes_by_tunnel_, tunnel);
}
const Directory::Ids& Directory::groups_of(Id user) const {
  return found_or_empty(groups_by_user_, user);
}
const Directory::Ids& Directory::devices_of(Id user) const {
  return found_or_empty(devices_by_user_, user);
}

void Directory::put(const Tunnel& tunnel) {
  erase_tunnel(tunnel.id);
  tunnels_by_uuid_[tunnel.uuid] = tunnel.id;
  tunnels_.put(tunnel);
}

void Directory::put(const Route& route) {
  erase_route(route.id);
  routes_by_vnet_[route.vnet][route.prefix] = route.id;
  routes_by_tunnel_[route.tunnel].insert(route.id);
  routes_.emplace(route.id, route);
}

void Directory::put(const Group& group) {
  erase_group(group.id);
  for (const Id user : group.members) groups_by_user_[user].insert(group.id);
  groups_.put(group);
}

void Directory::put(const Device& device) {
  erase_device(device.id);
  if (device.user) devices_by_user_[*device.user].insert(device.id);
  devices_.put(device);
}

void Directory::erase(Kind kind, Id id) {
  switch (kind) {
    case Kind::vnet: vnets_.erase(id); break;
    case Kind::tunnel: erase_tunnel(id); break;
    case Kind::route: erase_route(id); break;
    case Kind::user: users_.erase(id); break;
    case Kind::group: erase_group(id); break;
    case Kind::enrolment_key: enrolment_keys_.erase(id); break;
    case Kind::device: erase_device(id); break;
    case Kind::policy: policies_.erase(id); break;
    case Kind::api_token: api_tokens_.erase(id); break;
  }
}

void Directory::erase_tunnel(Id id) {
  if (const Tunnel* tunnel = tunnels_.find(id)) tunnels_by_uuid_.erase(tunnel->uuid);
  tunnels_.erase(id);
}

void Directory::erase_route(Id id) {
  const Route* route = find_route(id);
  if (route == nullptr) return;
  remove(routes_by_tunnel_, route->tunnel, id);
  // In a change that gives its prefix to another route that one may already be there.
  const Route* there = find_route(route->vnet, route->prefix);
  if (there == nullptr || there->id == id) remove(routes_by_vnet_, route->vnet, route->prefix);
  routes_.erase(id);
}

void Directory::erase_group(Id id) {
  const Group* group = groups_.find(id);
  if (group == nullptr) return;
  for (const Id user : group->members) remove(groups_by_user_, user, id);
  groups_.erase(id);
}

void Directory::erase_device(Id id) {
  const Device* device = devices_.find(id);
  if (device == nullptr) return;
  if (device->user) remove(devices_by_user_, *device->user, id);
  devices_.erase(id);
}

// Within a change two policies may have the same position for a moment, but not after it.
void Directory::sort_policies() {
  policy_order_.clear();
  for (const auto& [id, policy] : policies_.all()) policy_order_.push_back(id);
  std::sort(policy_order_.begin(), policy_order_.end(), [this](Id a, Id b) {
    return policies_.find(a)->position < policies_.find(b)->position;
  });
}

}  // namespace oneping::control
