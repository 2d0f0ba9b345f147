// How requests say which thing they mean: by its name or its id; a tunnel by its UUID too.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "control/describe.h"
#include "control/names.h"
#include "control/outcome.h"

namespace oneping::control {

// As somebody wrote it.
struct Reference {
  std::string text;
  friend auto operator<=>(const Reference&, const Reference&) = default;
};

template <typename Thing>
[[nodiscard]] const auto& table_of(const Directory& directory) {
  if constexpr (std::is_same_v<Thing, Vnet>) return directory.vnets();
  if constexpr (std::is_same_v<Thing, Tunnel>) return directory.tunnels();
  if constexpr (std::is_same_v<Thing, User>) return directory.users();
  if constexpr (std::is_same_v<Thing, Group>) return directory.groups();
  if constexpr (std::is_same_v<Thing, EnrolmentKey>) return directory.enrolment_keys();
  if constexpr (std::is_same_v<Thing, Device>) return directory.devices();
  if constexpr (std::is_same_v<Thing, Policy>) return directory.policies();
  if constexpr (std::is_same_v<Thing, ApiToken>) return directory.api_tokens();
}

// 0, which nothing has, if it is no id.
[[nodiscard]] inline Id id_in(std::string_view text) {
  Id id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  return is_number(text) && error == std::errc{} && end == text.data() + text.size() ? id : 0;
}

// Null: there is none.
template <typename Thing>
[[nodiscard]] const Thing* find(const Directory& directory, const Reference& reference) {
  if constexpr (std::is_same_v<Thing, Route>) {
    return directory.find_route(id_in(reference.text));
  } else {
    if (is_number(reference.text)) return table_of<Thing>(directory).find(id_in(reference.text));
    if constexpr (std::is_same_v<Thing, Tunnel>) {
      if (const auto uuid = parse_uuid(reference.text)) return directory.find_tunnel(*uuid);
    }
    return table_of<Thing>(directory).find(std::string_view(reference.text));
  }
}

template <typename Thing>
[[nodiscard]] std::string no_such(const Reference& reference) {
  return std::string("there is no ") + KindOf<Thing>::word + " " + in_quotes(reference.text);
}

// The thing that a request is about; without it there is nothing to do.
template <typename Thing>
[[nodiscard]] Outcome<const Thing*> subject(const Directory& directory,
                                            const Reference& reference) {
  if (const Thing* thing = find<Thing>(directory, reference)) return thing;
  return not_found(no_such<Thing>(reference));
}

// A thing that a request names in one of its fields.
template <typename Thing>
[[nodiscard]] Outcome<const Thing*> named(const Directory& directory, const char* field,
                                          const Reference& reference) {
  if (const Thing* thing = find<Thing>(directory, reference)) return thing;
  return invalid(field, no_such<Thing>(reference));
}

}  // namespace oneping::control
