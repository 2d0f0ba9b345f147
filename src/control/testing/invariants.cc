#include "control/testing/invariants.h"

#include <set>

namespace oneping::control::testing {

namespace {

template <typename Thing>
std::string broken_names(const Table<Thing>& table) {
  std::set<std::string> names;
  for (const auto& [id, thing] : table.all()) {
    const std::string what = std::string(KindOf<Thing>::word) + " " + thing.name;
    if (!names.insert(thing.name).second) return what + " is there twice";
    const Thing* found = table.find(std::string_view(thing.name));
    if (found == nullptr || found->id != id) return what + " is not found by its name";
  }
  return {};
}

bool exists(const Directory& directory, const PolicyWho& who) {
  switch (who.kind) {
    case SubjectKind::user: return directory.users().find(who.id) != nullptr;
    case SubjectKind::group: return directory.groups().find(who.id) != nullptr;
    case SubjectKind::device: return directory.devices().find(who.id) != nullptr;
    case SubjectKind::tag: return !who.tag.empty();
  }
  return false;
}

std::string broken_reference(const Directory& directory) {
  const auto has_user = [&](const std::optional<Id>& id) {
    return !id || directory.users().find(*id) != nullptr;
  };
  const auto has_vnet = [&](Id id) { return directory.vnets().find(id) != nullptr; };
  for (const auto& [id, route] : directory.routes()) {
    if (directory.tunnels().find(route.tunnel) == nullptr || !has_vnet(route.vnet)) {
      return "route " + name_of(route) + " refers to nothing";
    }
    const Route* found = directory.find_route(route.vnet, route.prefix);
    if (found == nullptr || found->id != id) return "route " + name_of(route) + " is not found";
  }
  for (const auto& [id, group] : directory.groups().all()) {
    for (const Id user : group.members) {
      if (!has_user(user)) return "group " + group.name + " refers to nobody";
    }
  }
  for (const auto& [id, device] : directory.devices().all()) {
    if (!has_user(device.user) || !has_vnet(device.vnet)) {
      return "device " + device.name + " refers to nothing";
    }
  }
  for (const auto& [id, key] : directory.enrolment_keys().all()) {
    if (!has_user(key.user)) return "key " + key.name + " refers to nobody";
  }
  for (const auto& [id, policy] : directory.policies().all()) {
    if (policy.vnet && !has_vnet(*policy.vnet)) return "policy " + policy.name + " is nowhere";
    for (const PolicyWho& who : policy.who) {
      if (!exists(directory, who)) return "policy " + policy.name + " refers to nobody";
    }
  }
  return {};
}

std::string broken_order(const Directory& directory) {
  std::uint32_t position = 0;
  for (const Id id : directory.policy_order()) {
    if (directory.policies().find(id)->position != ++position) {
      return "there is a gap at position " + std::to_string(position);
    }
  }
  return position == directory.policies().size() ? "" : "a policy has no position";
}

template <typename Thing>
bool are_alike(const std::map<Id, Thing>& known, const std::vector<Thing>& stored) {
  if (known.size() != stored.size()) return false;
  for (const Thing& thing : stored) {
    const auto found = known.find(thing.id);
    if (found == known.end() || !(found->second == thing)) return false;
  }
  return true;
}

// But for when tunnels were connected, which the store may hear later.
std::string broken_memory(const Directory& directory, const Contents& stored) {
  if (!are_alike(directory.vnets().all(), stored.vnets)) return "vnets are not as stored";
  if (!are_alike(directory.tunnels().all(), stored.tunnels)) return "tunnels are not as stored";
  if (!are_alike(directory.routes(), stored.routes)) return "routes are not as stored";
  if (!are_alike(directory.users().all(), stored.users)) return "users are not as stored";
  if (!are_alike(directory.groups().all(), stored.groups)) return "groups are not as stored";
  if (!are_alike(directory.enrolment_keys().all(), stored.enrolment_keys)) {
    return "keys are not as stored";
  }
  if (!are_alike(directory.devices().all(), stored.devices)) return "devices are not as stored";
  if (!are_alike(directory.policies().all(), stored.policies)) return "policies are not as stored";
  if (!are_alike(directory.api_tokens().all(), stored.api_tokens))
    return "tokens are not as stored";
  if (!(directory.settings() == stored.settings)) return "settings are not as stored";
  return directory.last_id() == stored.last_id ? "" : "the last id is not as stored";
}

std::string broken_snapshot(const edge::Snapshot& now, const edge::Snapshot& anew) {
  if (now.routing->tunnels.size() != anew.routing->tunnels.size()) return "other tunnels";
  for (std::size_t i = 0; i < now.routing->tunnels.size(); ++i) {
    const edge::TunnelConfig& a = *now.routing->tunnels[i];
    const edge::TunnelConfig& b = *anew.routing->tunnels[i];
    if (a.name != b.name || a.id != b.id || a.account != b.account || a.secrets != b.secrets) {
      return "another tunnel " + b.name;
    }
  }
  if (now.routing->prefixes != anew.routing->prefixes) return "other prefixes";
  for (const auto& [network, prefixes] : anew.routing->prefixes) {
    for (const Prefix& prefix : prefixes) {
      if (now.routing->networks.at(network).lookup(prefix.address()) !=
          anew.routing->networks.at(network).lookup(prefix.address())) {
        return "another route for " + prefix.to_string();
      }
    }
  }
  if (now.policies->default_verdict() != anew.policies->default_verdict()) return "another default";
  if (now.policies->rules().size() != anew.policies->rules().size()) return "other policies";
  for (std::size_t i = 0; i < anew.policies->rules().size(); ++i) {
    const PolicyRule& a = now.policies->rules()[i];
    const PolicyRule& b = anew.policies->rules()[i];
    if (a.name != b.name || a.who != b.who || a.to != b.to || a.network != b.network ||
        a.protocol != b.protocol || a.ports != b.ports || a.verdict != b.verdict) {
      return "another policy " + b.name;
    }
  }
  if (now.identities->size() != anew.identities->size()) return "other identities";
  for (const auto& [id, b] : *anew.identities) {
    const edge::Identity& a = *now.identities->at(id);
    if (a.device != b->device || a.user != b->user || a.groups != b->groups || a.tags != b->tags ||
        a.network != b->network || a.revoked != b->revoked) {
      return "another identity " + b->device;
    }
  }
  return {};
}

}  // namespace

std::string broken_invariant(World& world) {
  const auto stored = world.store.load();
  const edge::Snapshot snapshot = world.control->snapshot();
  return world.control->read([&](const Directory& directory) -> std::string {
    const SnapshotMaker maker(directory, world.now);
    for (const std::string& broken :
         {broken_names(directory.vnets()), broken_names(directory.tunnels()),
          broken_names(directory.users()), broken_names(directory.groups()),
          broken_names(directory.enrolment_keys()), broken_names(directory.devices()),
          broken_names(directory.policies()), broken_names(directory.api_tokens()),
          broken_reference(directory), broken_order(directory), broken_memory(directory, *stored),
          broken_snapshot(snapshot, maker.snapshot())}) {
      if (!broken.empty()) return broken;
    }
    return {};
  });
}

}  // namespace oneping::control::testing
