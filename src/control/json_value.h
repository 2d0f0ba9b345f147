// How the API's values stand in JSON: what a schema says of a type, and how a value is read. What
// cannot be read is refused with the name of its field: as malformed if the JSON type is wrong, as
// invalid if that is right and there is no such value.
//
// An optional value is one that null clears.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "control/policies.h"
#include "control/reference.h"

namespace oneping::control {

// JSON Schema 2020-12, as OpenAPI 3.1 has it.
namespace schema {
[[nodiscard]] Json boolean();
[[nodiscard]] Json integer();
[[nodiscard]] Json number();
[[nodiscard]] Json text();
[[nodiscard]] Json text(const char* format);
[[nodiscard]] Json one_of(std::vector<std::string> words);
[[nodiscard]] Json list_of(Json entries);
[[nodiscard]] Json nullable(Json value);  // of a schema with a type
[[nodiscard]] Json component(const std::string& name);
}  // namespace schema

[[nodiscard]] Json schema_of(const bool*);
[[nodiscard]] Json schema_of(const std::string*);
[[nodiscard]] Json schema_of(const std::uint32_t*);
[[nodiscard]] Json schema_of(const std::uint16_t*);
[[nodiscard]] Json schema_of(const std::chrono::milliseconds*);
[[nodiscard]] Json schema_of(const Timestamp*);
[[nodiscard]] Json schema_of(const IpAddress*);
[[nodiscard]] Json schema_of(const Prefix*);
[[nodiscard]] Json schema_of(const PortRange*);
[[nodiscard]] Json schema_of(const Verdict*);
[[nodiscard]] Json schema_of(const tunnel::PathMode*);
[[nodiscard]] Json schema_of(const Protocol*);
[[nodiscard]] Json schema_of(const IcmpType*);
[[nodiscard]] Json schema_of(const Role*);
[[nodiscard]] Json schema_of(const Reference*);
[[nodiscard]] Json schema_of(const WhoInput*);

using Read = Outcome<void>;
[[nodiscard]] Read read_json(const Json& json, const std::string& field, bool& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, std::string& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, std::uint32_t& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, std::uint16_t& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field,
                             std::chrono::milliseconds& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, Timestamp& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, IpAddress& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, Prefix& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, PortRange& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, Verdict& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, tunnel::PathMode& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, Protocol& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, IcmpType& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, Role& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, Reference& value);
[[nodiscard]] Read read_json(const Json& json, const std::string& field, WhoInput& value);

[[nodiscard]] tl::unexpected<Refusal> malformed(const std::string& field,
                                                const std::string& detail);

template <typename Value>
[[nodiscard]] Json schema_of(const std::vector<Value>*) {
  return schema::list_of(schema_of(static_cast<const Value*>(nullptr)));
}
template <typename Value>
[[nodiscard]] Json schema_of(const std::optional<Value>*) {
  return schema::nullable(schema_of(static_cast<const Value*>(nullptr)));
}

template <typename Value>
[[nodiscard]] Read read_json(const Json& json, const std::string& field,
                             std::vector<Value>& value) {
  if (!json.is_array()) return malformed(field, field + " must be a list");
  if (json.size() > kMaxInList) {
    return invalid(field, field + " has more than 1000 entries");
  }
  for (std::size_t i = 0; i < json.size(); ++i) {
    const auto read =
        read_json(json[i], field + "[" + std::to_string(i) + "]", value.emplace_back());
    if (!read) return read;
  }
  return {};
}
template <typename Value>
[[nodiscard]] Read read_json(const Json& json, const std::string& field,
                             std::optional<Value>& value) {
  value.reset();
  if (json.is_null()) return {};
  return read_json(json, field, value.emplace());
}

}  // namespace oneping::control
