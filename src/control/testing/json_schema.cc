#include "control/testing/json_schema.h"

#include <algorithm>
#include <stdexcept>

namespace oneping::control::testing {

namespace {

bool is_of_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "null") return value.is_null();
  throw std::invalid_argument("no type of JSON Schema: " + type);
}

bool is_of_types(const Json& value, const Json& types) {
  if (types.is_string()) return is_of_type(value, types.get<std::string>());
  return std::any_of(types.begin(), types.end(),
                     [&](const Json& type) { return is_of_type(value, type.get<std::string>()); });
}

std::string violation_in_object(const Json& value, const Json& schema, const Json& document,
                                const std::string& where) {
  const Json properties = schema.value("properties", Json::object());
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>())) {
      return where + " lacks " + name.get<std::string>();
    }
  }
  for (const auto& [name, member] : value.items()) {
    if (!properties.contains(name)) {
      if (schema.value("additionalProperties", true)) continue;
      return where + " has an unknown " + name;
    }
    auto found = violation(member, properties[name], document, where + "." + name);
    if (!found.empty()) return found;
  }
  return {};
}

}  // namespace

std::string violation(const Json& value, const Json& schema, const Json& document,
                      const std::string& where) {
  if (schema.contains("$ref")) {
    const auto pointer = schema["$ref"].get<std::string>().substr(1);
    return violation(value, document.at(Json::json_pointer(pointer)), document, where);
  }
  if (schema.contains("oneOf")) {
    std::string last;
    for (const Json& choice : schema["oneOf"]) {
      last = violation(value, choice, document, where);
      if (last.empty()) return {};
    }
    return last;
  }
  if (schema.contains("type") && !is_of_types(value, schema["type"])) {
    return where + " is " + value.dump() + " and no " + schema["type"].dump();
  }
  if (schema.contains("enum")) {
    const Json& words = schema["enum"];
    if (std::find(words.begin(), words.end(), value) == words.end()) {
      return where + " is " + value.dump() + " and none of " + words.dump();
    }
  }
  if (value.is_object()) return violation_in_object(value, schema, document, where);
  if (value.is_array() && schema.contains("items")) {
    for (std::size_t i = 0; i < value.size(); ++i) {
      auto found =
          violation(value[i], schema["items"], document, where + "[" + std::to_string(i) + "]");
      if (!found.empty()) return found;
    }
  }
  return {};
}

}  // namespace oneping::control::testing
