#include "control/fields.h"

#include <algorithm>

namespace oneping::control {

namespace {

Read check_known(const std::string& name, std::span<const FieldInfo> fields, Purpose purpose,
                 const std::string& within) {
  const std::string path = path_of(within, name);
  const auto known = std::find_if(fields.begin(), fields.end(),
                                  [&](const FieldInfo& field) { return field.name == name; });
  if (known == fields.end()) {
    std::string names;
    for (const FieldInfo& field : fields) {
      if (is_accepted(field, purpose)) names += (names.empty() ? "" : ", ") + field.name;
    }
    return malformed(path, "there is no " + in_quotes(name) + " here" +
                               (names.empty() ? "" : ": known are " + names));
  }
  if (is_accepted(*known, purpose)) return {};
  const bool is_given = known->use == Use::answer || known->use == Use::once;
  return malformed(path, path + (is_given ? " is the server's to say, and cannot be given"
                                          : " cannot be changed here"));
}

Json object_schema() { return {{"type", "object"}, {"additionalProperties", false}}; }

Json described(const FieldInfo& field) {
  Json schema = field.schema;
  schema["description"] = field.help;
  return schema;
}

}  // namespace

bool is_required(const FieldInfo& field, Purpose purpose) {
  return purpose == Purpose::make &&
         (field.use == Use::required || field.use == Use::fixed_required);
}

bool is_accepted(const FieldInfo& field, Purpose purpose) {
  switch (field.use) {
    case Use::required:
    case Use::optional: return true;
    case Use::fixed_required:
    case Use::fixed: return purpose == Purpose::make;
    case Use::answer:
    case Use::once: break;
  }
  return false;
}

Read check_fields(const Json& json, std::span<const FieldInfo> fields, Purpose purpose,
                  const std::string& within) {
  if (!json.is_object()) {
    return malformed(within, (within.empty() ? "the body" : within) + " must be a JSON object");
  }
  for (const auto& [name, value] : json.items()) {
    if (auto known = check_known(name, fields, purpose, within); !known) return known;
  }
  for (const FieldInfo& field : fields) {
    if (!is_required(field, purpose) || json.contains(field.name)) continue;
    const std::string path = path_of(within, field.name);
    return malformed(path, path + " is missing");
  }
  return {};
}

std::string path_of(const std::string& within, const std::string& field) {
  return within.empty() ? field : within + "." + field;
}

Json request_schema(std::span<const FieldInfo> fields, Purpose purpose) {
  Json schema = object_schema();
  schema["properties"] = Json::object();
  for (const FieldInfo& field : fields) {
    if (!is_accepted(field, purpose)) continue;
    schema["properties"][field.name] = described(field);
    if (is_required(field, purpose)) schema["required"].push_back(field.name);
  }
  return schema;
}

Json answer_schema(std::span<const FieldInfo> fields) {
  Json schema = object_schema();
  schema["properties"] = Json::object();
  for (const FieldInfo& field : fields) {
    schema["properties"][field.name] = described(field);
    if (field.use != Use::once) schema["required"].push_back(field.name);
  }
  return schema;
}

}  // namespace oneping::control
