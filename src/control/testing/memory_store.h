// A store that forgets everything with the process, for tests and fuzzing.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "control/store.h"

namespace oneping::control::testing {

class MemoryStore final : public Store {
 public:
  MemoryStore() { put(Vnet{.id = kDefaultVnet, .name = "default", .comment = "", .created = {}}); }

  Result<Contents> load() override {
    Contents contents;
    contents.vnets = values(vnets_);
    contents.tunnels = values(tunnels_);
    contents.routes = values(routes_);
    contents.users = values(users_);
    contents.groups = values(groups_);
    contents.enrolment_keys = values(enrolment_keys_);
    contents.devices = values(devices_);
    contents.policies = values(policies_);
    contents.api_tokens = values(api_tokens_);
    contents.settings = settings_;
    contents.last_id = last_id_;
    return contents;
  }

  Result<void> commit(std::span<const Change> changes, const AuditEntry& entry) override {
    if (is_full) return fail("the disk is full");
    for (const Change& change : changes) {
      std::visit([this](const auto& value) { put(value); }, change);
    }
    entries.push_front(entry);
    entries.front().id = static_cast<Id>(entries.size());
    return {};
  }

  Result<std::vector<AuditEntry>> audit(const AuditQuery& query) override {
    std::vector<AuditEntry> found;
    for (const AuditEntry& entry : entries) {
      const bool action_fits =
          query.action.empty() || entry.action == query.action ||
          (query.action.ends_with('.') && entry.action.starts_with(query.action));
      if (query.before && entry.id >= *query.before) continue;
      if (query.since && entry.time < *query.since) continue;
      if (!action_fits || (!query.object.empty() && entry.object != query.object)) continue;
      if (found.size() == query.limit) break;
      found.push_back(entry);
    }
    return found;
  }

  Result<void> backup(const std::string& path) override {
    backups.push_back(path);
    return {};
  }

  bool is_full = false;            // and commits nothing more
  std::deque<AuditEntry> entries;  // newest first
  std::vector<std::string> backups;

 private:
  template <typename Thing>
  static std::vector<Thing> values(const std::map<Id, Thing>& things) {
    std::vector<Thing> all;
    for (const auto& [id, thing] : things) all.push_back(thing);
    return all;
  }
  template <typename Thing>
  void put(std::map<Id, Thing>& things, const Thing& thing) {
    things[thing.id] = thing;
    last_id_ = std::max(last_id_, thing.id);
  }
  void put(const Vnet& vnet) { put(vnets_, vnet); }
  void put(const Tunnel& tunnel) { put(tunnels_, tunnel); }
  void put(const Route& route) { put(routes_, route); }
  void put(const User& user) { put(users_, user); }
  void put(const Group& group) { put(groups_, group); }
  void put(const EnrolmentKey& key) { put(enrolment_keys_, key); }
  void put(const Device& device) { put(devices_, device); }
  void put(const Policy& policy) { put(policies_, policy); }
  void put(const ApiToken& token) { put(api_tokens_, token); }
  void put(const Settings& settings) { settings_ = settings; }
  void put(const Erase& gone) {
    switch (gone.kind) {
      case Kind::vnet: vnets_.erase(gone.id); break;
      case Kind::tunnel: tunnels_.erase(gone.id); break;
      case Kind::route: routes_.erase(gone.id); break;
      case Kind::user: users_.erase(gone.id); break;
      case Kind::group: groups_.erase(gone.id); break;
      case Kind::enrolment_key: enrolment_keys_.erase(gone.id); break;
      case Kind::device: devices_.erase(gone.id); break;
      case Kind::policy: policies_.erase(gone.id); break;
      case Kind::api_token: api_tokens_.erase(gone.id); break;
    }
  }

  std::map<Id, Vnet> vnets_;
  std::map<Id, Tunnel> tunnels_;
  std::map<Id, Route> routes_;
  std::map<Id, User> users_;
  std::map<Id, Group> groups_;
  std::map<Id, EnrolmentKey> enrolment_keys_;
  std::map<Id, Device> devices_;
  std::map<Id, Policy> policies_;
  std::map<Id, ApiToken> api_tokens_;
  Settings settings_;
  Id last_id_ = kDefaultVnet;
};

}  // namespace oneping::control::testing
