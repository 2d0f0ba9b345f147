#include "control/describe.h"

namespace oneping::control {

namespace {

template <typename Thing>
std::string name_in(const Table<Thing>& table, Id id) {
  const Thing* thing = table.find(id);
  return thing == nullptr ? std::to_string(id) : thing->name;
}

template <typename Thing>
Json name_or_null(const Table<Thing>& table, const std::optional<Id>& id) {
  return id ? Json(name_in(table, *id)) : Json(nullptr);
}

// "group:staff", "tag:laptop".
std::string who_text(const PolicyWho& who, const Directory& directory) {
  switch (who.kind) {
    case SubjectKind::user: return "user:" + name_in(directory.users(), who.id);
    case SubjectKind::group: return "group:" + name_in(directory.groups(), who.id);
    case SubjectKind::device: return "device:" + name_in(directory.devices(), who.id);
    case SubjectKind::tag: return "tag:" + who.tag;
  }
  return {};
}

Json port_json(const PortRange& range) {
  if (range.first == range.last) return range.first;
  return std::to_string(range.first) + "-" + std::to_string(range.last);
}

}  // namespace

std::string name_of(const Route& route) { return route.prefix.to_string(); }

Json describe(const Vnet& vnet, const Directory&) {
  return {{"name", vnet.name}, {"comment", vnet.comment}};
}

Json describe(const Tunnel& tunnel, const Directory&) {
  return {{"name", tunnel.name}, {"path", to_string(tunnel.path)}, {"comment", tunnel.comment}};
}

Json describe(const Route& route, const Directory& directory) {
  return {{"prefix", route.prefix.to_string()},
          {"tunnel", name_in(directory.tunnels(), route.tunnel)},
          {"vnet", name_in(directory.vnets(), route.vnet)},
          {"comment", route.comment}};
}

Json describe(const User& user, const Directory&) {
  return {{"name", user.name}, {"comment", user.comment}};
}

Json describe(const Group& group, const Directory& directory) {
  Json members = Json::array();
  for (const Id user : group.members) members.push_back(name_in(directory.users(), user));
  return {{"name", group.name}, {"comment", group.comment}, {"members", members}};
}

Json describe(const EnrolmentKey& key, const Directory& directory) {
  return {{"name", key.name},
          {"reusable", key.reusable},
          {"expires", time_or_null(key.expires)},
          {"user", name_or_null(directory.users(), key.user)},
          {"tags", key.tags}};
}

Json describe(const Device& device, const Directory& directory) {
  return {{"name", device.name},
          {"user", name_or_null(directory.users(), device.user)},
          {"tags", device.tags},
          {"vnet", name_in(directory.vnets(), device.vnet)}};
}

Json describe(const Policy& policy, const Directory& directory) {
  Json who = Json::array();
  for (const PolicyWho& one : policy.who) who.push_back(who_text(one, directory));
  Json to = Json::array();
  for (const Prefix& prefix : policy.to) to.push_back(prefix.to_string());
  Json ports = Json::array();
  for (const PortRange& range : policy.ports) ports.push_back(port_json(range));
  const bool icmp_only = policy.protocol == Protocol::icmp;
  return {{"name", policy.name},
          {"who", who},
          {"to", to},
          {"vnet", name_or_null(directory.vnets(), policy.vnet)},
          {"protocol", policy.protocol ? Json(to_string(*policy.protocol)) : Json(nullptr)},
          {"icmp_type", icmp_only ? Json("echo-request") : Json(nullptr)},
          {"ports", ports},
          {"from", time_or_null(policy.from)},
          {"until", time_or_null(policy.until)},
          {"verdict", to_string(policy.verdict)},
          {"comment", policy.comment},
          {"position", policy.position}};
}

Json describe(const ApiToken& token, const Directory&) {
  return {{"name", token.name},
          {"role", to_string(token.role)},
          {"expires", time_or_null(token.expires)}};
}

Json difference(const Json& before, const Json& after) {
  Json changed = Json::object();
  for (const auto& [field, value] : after.items()) {
    const auto was = before.find(field);
    if (was != before.end() && *was == value) continue;
    changed[field] = {{"from", was == before.end() ? Json(nullptr) : *was}, {"to", value}};
  }
  return changed;
}

std::string to_text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json time_or_null(const std::optional<Timestamp>& time) {
  return time ? Json(timestamp_text(*time)) : Json(nullptr);
}

}  // namespace oneping::control
