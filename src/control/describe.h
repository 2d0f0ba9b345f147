// Things as JSON objects, by the words of the API and with names for ids: what the audit log keeps
// of them, and what the API's answers begin with. Never a secret.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "control/directory.h"

namespace oneping::control {

using Json = nlohmann::ordered_json;

// What a kind is called in paths, in audit actions and in sentences.
template <typename Thing>
[[nodiscard]] std::string word_of();
template <typename Thing>
[[nodiscard]] Kind kind_of();

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

[[nodiscard]] Json time_or_null(const std::optional<Timestamp>& time);

}  // namespace oneping::control
