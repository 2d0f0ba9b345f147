// The fields of an object of the API, written once: by them requests are read, refusals name what
// is wrong, and the OpenAPI document tells the same.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "control/json_value.h"

namespace oneping::control {

enum class Use : std::uint8_t {
  required,        // who makes a thing must give it
  optional,        // and this he may
  fixed_required,  // the same two, but who changes the thing may not give it
  fixed,
  answer,  // the server's: in answers only
  once,    // and only in the answer to who made the thing
};

enum class Purpose : std::uint8_t { make, change };

struct FieldInfo {
  std::string name;
  Use use = Use::optional;
  Json schema;
  std::string help;
};

[[nodiscard]] bool is_required(const FieldInfo& field, Purpose purpose);
[[nodiscard]] bool is_accepted(const FieldInfo& field, Purpose purpose);

// Is it an object of just these fields, with all that are required?
[[nodiscard]] Read check_fields(const Json& json, std::span<const FieldInfo> fields,
                                Purpose purpose, const std::string& within);

// "expectations[3].to"
[[nodiscard]] std::string path_of(const std::string& within, const std::string& field);

template <typename Input>
struct Field {
  FieldInfo info;
  // Absent for what is in answers only.
  std::function<Read(const Json& json, const std::string& field, Input& input)> read;
};

template <typename Input>
class Fields {
 public:
  Fields(std::initializer_list<Field<Input>> fields) {
    for (const auto& field : fields) add(field);
  }
  void add(const Field<Input>& field) {
    infos_.push_back(field.info);
    readers_.push_back(field.read);
  }
  [[nodiscard]] const std::vector<FieldInfo>& infos() const { return infos_; }

  // `within` is where the object stands in the request ("expectations[3]"), empty for the whole.
  [[nodiscard]] Outcome<Input> read(const Json& json, Purpose purpose,
                                    const std::string& within = {}) const {
    if (auto good = check_fields(json, infos_, purpose, within); !good) return refusal_of(good);
    Input input;
    for (std::size_t i = 0; i < infos_.size(); ++i) {
      const auto found = json.find(infos_[i].name);
      if (found == json.end() || !readers_[i]) continue;
      const auto read = readers_[i](*found, path_of(within, infos_[i].name), input);
      if (!read) return refusal_of(read);
    }
    return input;
  }

 private:
  std::vector<FieldInfo> infos_;
  std::vector<decltype(Field<Input>::read)> readers_;
};

// A field that goes into a member of the input: of an optional type, empty while the request does
// not speak of it.
template <typename Input, typename Owner, typename Value>
[[nodiscard]] Field<Input> field(const char* name, Use use, std::optional<Value> Owner::*member,
                                 const char* help) {
  return {{name, use, schema_of(static_cast<const Value*>(nullptr)), help},
          [member](const Json& json, const std::string& where, Input& input) {
            return read_json(json, where, (input.*member).emplace());
          }};
}

template <typename Input>
[[nodiscard]] Field<Input> answer(const char* name, Json schema, const char* help,
                                  Use use = Use::answer) {
  return {{name, use, std::move(schema), help}, {}};
}

// Schemas of what a request may hold, and of what an answer does.
[[nodiscard]] Json request_schema(std::span<const FieldInfo> fields, Purpose purpose);
[[nodiscard]] Json answer_schema(std::span<const FieldInfo> fields);

}  // namespace oneping::control
