// Which table and column holds which part of the model, said once, for reading and for writing.
//
// TableOf<T>::columns() shows each column of T's row to a visitor as (name, member), the id first;
// unique() are those whose values no two rows share. lists() shows the lists that belong to it as
// (table, column of the owner, members, columns of a member); set() is a list without an order of
// its own. With a const value the visitor reads from it, else it fills it.
#pragma once

#include <string_view>
#include <type_traits>

#include "control/sqlite_value.h"
#include "control/store.h"

namespace oneping::control {

template <typename Value>
struct TableOf;

struct NoLists {
  static void lists(auto&, auto&) {}
};

inline constexpr auto kTagColumns = [](auto& column, auto& tag) { column("tag", tag); };

template <>
struct TableOf<Vnet> : NoLists {
  static constexpr std::string_view kName = "vnets";
  static constexpr auto kContents = &Contents::vnets;
  static void columns(auto& column, auto& vnet) {
    column("id", vnet.id);
    column.unique("name", vnet.name);
    column("comment", vnet.comment);
    column("created", vnet.created);
  }
};

template <>
struct TableOf<Tunnel> : NoLists {
  static constexpr std::string_view kName = "tunnels";
  static constexpr auto kContents = &Contents::tunnels;
  static void columns(auto& column, auto& tunnel) {
    column("id", tunnel.id);
    column.unique("name", tunnel.name);
    column.unique("uuid", tunnel.uuid);
    column("account", tunnel.account);
    column("secret", tunnel.secret);
    column("previous_secret", tunnel.previous_secret);
    column("previous_until", tunnel.previous_until);
    column("path", tunnel.path);
    column("comment", tunnel.comment);
    column("created", tunnel.created);
    column("last_connected", tunnel.last_connected);
  }
};

template <>
struct TableOf<Route> : NoLists {
  static constexpr std::string_view kName = "routes";
  static constexpr auto kContents = &Contents::routes;
  static void columns(auto& column, auto& route) {
    column("id", route.id);
    column.unique("prefix", route.prefix);
    column.unique("vnet", route.vnet);
    column("tunnel", route.tunnel);
    column("comment", route.comment);
    column("created", route.created);
  }
};

template <>
struct TableOf<User> : NoLists {
  static constexpr std::string_view kName = "users";
  static constexpr auto kContents = &Contents::users;
  static void columns(auto& column, auto& user) {
    column("id", user.id);
    column.unique("name", user.name);
    column("comment", user.comment);
    column("created", user.created);
  }
};

template <>
struct TableOf<Group> {
  static constexpr std::string_view kName = "groups";
  static constexpr auto kContents = &Contents::groups;
  static void columns(auto& column, auto& group) {
    column("id", group.id);
    column.unique("name", group.name);
    column("comment", group.comment);
    column("created", group.created);
  }
  static void lists(auto& list, auto& group) {
    list.set("group_members", "group_id", group.members,
             [](auto& column, auto& user) { column("user_id", user); });
  }
};

template <>
struct TableOf<EnrolmentKey> {
  static constexpr std::string_view kName = "enrolment_keys";
  static constexpr auto kContents = &Contents::enrolment_keys;
  static void columns(auto& column, auto& key) {
    column("id", key.id);
    column.unique("name", key.name);
    column("secret", key.secret);
    column("reusable", key.reusable);
    column("expires", key.expires);
    column("user_id", key.user);
    column("uses", key.uses);
    column("revoked", key.revoked);
    column("created", key.created);
  }
  static void lists(auto& list, auto& key) {
    list("enrolment_key_tags", "enrolment_key", key.tags, kTagColumns);
  }
};

template <>
struct TableOf<Device> {
  static constexpr std::string_view kName = "devices";
  static constexpr auto kContents = &Contents::devices;
  static void columns(auto& column, auto& device) {
    column("id", device.id);
    column.unique("name", device.name);
    column("kind", device.kind);
    column("user_id", device.user);
    column("vnet", device.vnet);
    column("key_pin", device.key_pin);
    column("revoked", device.revoked);
    column("created", device.created);
    column("last_seen", device.last_seen);
  }
  static void lists(auto& list, auto& device) {
    list("device_tags", "device", device.tags, kTagColumns);
    list("device_addresses", "device", device.addresses,
         [](auto& column, auto& address) { column("address", address); });
  }
};

// A PolicyWho as it stands in a row: one of them is there.
struct PolicyWhoColumns {
  std::optional<Id> user;
  std::optional<Id> group;
  std::optional<Id> device;
  std::optional<std::string> tag;
};
[[nodiscard]] PolicyWhoColumns columns_of(const PolicyWho& who);
[[nodiscard]] PolicyWho who_of(const PolicyWhoColumns& columns);

template <>
struct TableOf<Policy> {
  static constexpr std::string_view kName = "policies";
  static constexpr auto kContents = &Contents::policies;
  static void columns(auto& column, auto& policy) {
    column("id", policy.id);
    column.unique("position", policy.position);
    column.unique("name", policy.name);
    column("vnet", policy.vnet);
    column("protocol", policy.protocol);
    column("active_from", policy.from);
    column("active_until", policy.until);
    column("verdict", policy.verdict);
    column("comment", policy.comment);
    column("created", policy.created);
  }
  static void lists(auto& list, auto& policy) {
    list("policy_who", "policy", policy.who, [](auto& column, auto& who) {
      auto parts = columns_of(who);
      column("user_id", parts.user);
      column("group_id", parts.group);
      column("device_id", parts.device);
      column("tag", parts.tag);
      if constexpr (!std::is_const_v<std::remove_reference_t<decltype(who)>>) who = who_of(parts);
    });
    list("policy_to", "policy", policy.to,
         [](auto& column, auto& prefix) { column("prefix", prefix); });
    list("policy_ports", "policy", policy.ports, [](auto& column, auto& range) {
      column("first", range.first);
      column("last", range.last);
    });
  }
};

template <>
struct TableOf<ApiToken> : NoLists {
  static constexpr std::string_view kName = "api_tokens";
  static constexpr auto kContents = &Contents::api_tokens;
  static void columns(auto& column, auto& token) {
    column("id", token.id);
    column.unique("name", token.name);
    column("secret", token.secret);
    column("role", token.role);
    column("expires", token.expires);
    column("created", token.created);
  }
};

}  // namespace oneping::control
