// Things as JSON objects, by the words of the API and with names for ids: what the audit log keeps
// of them, and what the API's answers begin with. Never a secret.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "control/directory.h"

namespace oneping::control {

using Json = nlohmann::ordered_json;

// A kind, and what it is called in paths, in audit actions and in sentences.
template <typename Thing>
struct KindOf;
template <>
struct KindOf<Vnet> {
  static constexpr Kind kind = Kind::vnet;
  static constexpr const char* word = "vnet";
};
template <>
struct KindOf<Tunnel> {
  static constexpr Kind kind = Kind::tunnel;
  static constexpr const char* word = "tunnel";
};
template <>
struct KindOf<Route> {
  static constexpr Kind kind = Kind::route;
  static constexpr const char* word = "route";
};
template <>
struct KindOf<User> {
  static constexpr Kind kind = Kind::user;
  static constexpr const char* word = "user";
};
template <>
struct KindOf<Group> {
  static constexpr Kind kind = Kind::group;
  static constexpr const char* word = "group";
};
template <>
struct KindOf<EnrolmentKey> {
  static constexpr Kind kind = Kind::enrolment_key;
  static constexpr const char* word = "key";
};
template <>
struct KindOf<Device> {
  static constexpr Kind kind = Kind::device;
  static constexpr const char* word = "device";
};
template <>
struct KindOf<Policy> {
  static constexpr Kind kind = Kind::policy;
  static constexpr const char* word = "policy";
};
template <>
struct KindOf<ApiToken> {
  static constexpr Kind kind = Kind::api_token;
  static constexpr const char* word = "api-token";
};

// What people know it by.
template <typename Thing>
[[nodiscard]] std::string name_of(const Thing& thing) {
  return thing.name;
}
[[nodiscard]] std::string name_of(const Route& route);

[[nodiscard]] Json describe(const Vnet& vnet, const Directory& directory);
[[nodiscard]] Json describe(const Tunnel& tunnel, const Directory& directory);
[[nodiscard]] Json describe(const Route& route, const Directory& directory);
[[nodiscard]] Json describe(const User& user, const Directory& directory);
[[nodiscard]] Json describe(const Group& group, const Directory& directory);
[[nodiscard]] Json describe(const EnrolmentKey& key, const Directory& directory);
[[nodiscard]] Json describe(const Device& device, const Directory& directory);
[[nodiscard]] Json describe(const Policy& policy, const Directory& directory);
[[nodiscard]] Json describe(const ApiToken& token, const Directory& directory);

// What differs between two descriptions of one thing: {"field": {"from": …, "to": …}}.
[[nodiscard]] Json difference(const Json& before, const Json& after);

// As text; what is no UTF-8 is replaced, so that it never fails.
[[nodiscard]] std::string to_text(const Json& json);

[[nodiscard]] Json time_or_null(const std::optional<Timestamp>& time);

}  // namespace oneping::control
