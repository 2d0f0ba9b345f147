// Everything that the store holds, in memory: what the control plane checks changes against,
// answers from, and compiles the edge's snapshot from. Pure.
//
// Nothing is checked here: whoever makes a change (draft.h) sees to it that what it refers to
// exists.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "control/store.h"

namespace oneping::control {

// The things of one kind that have names.
template <typename Thing>
class Table {
 public:
  [[nodiscard]] const std::map<Id, Thing>& all() const { return by_id_; }
  [[nodiscard]] std::size_t size() const { return by_id_.size(); }
  [[nodiscard]] const Thing* find(Id id) const {
    const auto found = by_id_.find(id);
    return found == by_id_.end() ? nullptr : &found->second;
  }
  [[nodiscard]] const Thing* find(std::string_view name) const {
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? nullptr : find(found->second);
  }

  void put(const Thing& thing) {
    erase(thing.id);
    by_name_.insert_or_assign(thing.name, thing.id);
    by_id_.emplace(thing.id, thing);
  }
  void erase(Id id) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) return;
    // In a change that swaps names the name may already belong to the other one.
    const auto name = by_name_.find(found->second.name);
    if (name != by_name_.end() && name->second == id) by_name_.erase(name);
    by_id_.erase(found);
  }

 private:
  std::map<Id, Thing> by_id_;
  std::map<std::string, Id, std::less<>> by_name_;
};

class Directory {
 public:
  using RoutesByPrefix = std::map<Prefix, Id>;
  using Ids = std::set<Id>;

  Directory() = default;
  explicit Directory(const Contents& contents);

  // All of them together, as the store has committed them.
  void apply(std::span<const Change> changes);

  [[nodiscard]] const Table<Vnet>& vnets() const { return vnets_; }
  [[nodiscard]] const Table<Tunnel>& tunnels() const { return tunnels_; }
  [[nodiscard]] const Table<User>& users() const { return users_; }
  [[nodiscard]] const Table<Group>& groups() const { return groups_; }
  [[nodiscard]] const Table<EnrolmentKey>& enrolment_keys() const { return enrolment_keys_; }
  [[nodiscard]] const Table<Device>& devices() const { return devices_; }
  [[nodiscard]] const Table<Policy>& policies() const { return policies_; }
  [[nodiscard]] const Table<ApiToken>& api_tokens() const { return api_tokens_; }
  [[nodiscard]] const std::map<Id, Route>& routes() const { return routes_; }
  [[nodiscard]] const Settings& settings() const { return settings_; }
  // The highest id that was ever given.
  [[nodiscard]] Id last_id() const { return last_id_; }

  [[nodiscard]] const Tunnel* find_tunnel(const Uuid& uuid) const;
  [[nodiscard]] const Route* find_route(Id id) const;
  [[nodiscard]] const Route* find_route(Id vnet, const Prefix& prefix) const;
  // The route that a packet to this address takes, by longest prefix.
  [[nodiscard]] const Route* route_towards(Id vnet, const IpAddress& address) const;

  [[nodiscard]] const RoutesByPrefix& routes_in(Id vnet) const;
  [[nodiscard]] const Ids& routes_of(Id tunnel) const;
  [[nodiscard]] const Ids& groups_of(Id user) const;
  [[nodiscard]] const Ids& devices_of(Id user) const;
  // The policies by position, from the first.
  [[nodiscard]] const std::vector<Id>& policy_order() const { return policy_order_; }

 private:
  void put(const Vnet& vnet) { vnets_.put(vnet); }
  void put(const Tunnel& tunnel);
  void put(const Route& route);
  void put(const User& user) { users_.put(user); }
  void put(const Group& group);
  void put(const EnrolmentKey& key) { enrolment_keys_.put(key); }
  void put(const Device& device);
  void put(const Policy& policy) { policies_.put(policy); }
  void put(const ApiToken& token) { api_tokens_.put(token); }
  void erase(Kind kind, Id id);
  void erase_tunnel(Id id);
  void erase_route(Id id);
  void erase_group(Id id);
  void erase_device(Id id);
  void sort_policies();

  Table<Vnet> vnets_;
  Table<Tunnel> tunnels_;
  Table<User> users_;
  Table<Group> groups_;
  Table<EnrolmentKey> enrolment_keys_;
  Table<Device> devices_;
  Table<Policy> policies_;
  Table<ApiToken> api_tokens_;
  std::map<Id, Route> routes_;
  Settings settings_;
  Id last_id_ = kDefaultVnet;

  std::map<Uuid, Id> tunnels_by_uuid_;
  std::map<Id, RoutesByPrefix> routes_by_vnet_;
  std::map<Id, Ids> routes_by_tunnel_;
  std::map<Id, Ids> groups_by_user_;
  std::map<Id, Ids> devices_by_user_;
  std::vector<Id> policy_order_;
};

}  // namespace oneping::control
