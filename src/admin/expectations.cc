#include "admin/expectations.h"

#include <yaml-cpp/yaml.h>

#include <fstream>
#include <functional>
#include <iterator>
#include <set>

#include "admin/parse.h"
#include "io/system_error.h"

namespace oneping::admin {

namespace {

class Reader {
 public:
  explicit Reader(std::string file) : file_(std::move(file)) {}

  [[nodiscard]] Result<Json> list(const YAML::Node& document) const {
    if (!document.IsSequence())
      return error_at(document, "the file must be a list of expectations");
    Json expectations = Json::array();
    for (const auto& item : document) {
      auto expectation = one(item);
      if (!expectation) return expectation;
      expectations.push_back(std::move(*expectation));
    }
    return expectations;
  }

  [[nodiscard]] std::string place_of(const YAML::Mark& mark) const {
    if (mark.is_null()) return file_;
    return file_ + ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
  }

 private:
  [[nodiscard]] Result<Json> one(const YAML::Node& item) const {
    if (!item.IsMap()) return error_at(item, "an expectation must be a map, as in `to: 10.0.0.1`");
    Json fields = {{"name", place_of(item.Mark())}};
    std::set<std::string> seen;
    for (const auto& entry : item) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (!seen.insert(key).second) return error_at(entry.first, "'" + key + "' is here twice");
      if (auto done = read(key, entry.first, entry.second, fields); !done) {
        return tl::make_unexpected(done.error());
      }
    }
    if (seen.count("icmp") + seen.count("udp") == 2) {
      return error_at(item, "both 'icmp' and 'udp': write one of them");
    }
    for (const char* needed : {"to", "expect"}) {
      if (seen.count(needed) == 0) {
        return error_at(item, std::string("'") + needed + "' is missing");
      }
    }
    if (!fields.contains("protocol")) fields["protocol"] = "icmp";
    return fields;
  }

  [[nodiscard]] Result<void> read(const std::string& key, const YAML::Node& key_node,
                                  const YAML::Node& value, Json& fields) const {
    if (key == "name" || key == "user" || key == "device" || key == "to" || key == "vnet" ||
        key == "rule") {
      return put(fields, key, value, parse_text);
    }
    if (key == "groups" || key == "tags") return put_list(fields, key, value);
    if (key == "at") return put(fields, key, value, parse_time_ahead);
    if (key == "icmp") {
      return put(fields, "protocol", value, [](const std::string& text) -> Result<Json> {
        if (text == "true") return Json("icmp");
        return fail("write `icmp: true`, or `udp: PORT`");
      });
    }
    if (key == "udp") {
      fields["protocol"] = "udp";
      return put(fields, "port", value, parse_number);
    }
    if (key == "expect") {
      return put(fields, key, value, [](const std::string& text) -> Result<Json> {
        if (text == "allow" || text == "deny") return Json(text);
        return fail("'" + text + "' is neither allow nor deny");
      });
    }
    return error_at(key_node, "unknown key '" + key + "': known here are name, user, device, " +
                                  "groups, tags, to, vnet, icmp, udp, at, expect, rule");
  }

  [[nodiscard]] Result<void> put(
      Json& fields, const std::string& key, const YAML::Node& value,
      const std::function<Result<Json>(const std::string&)>& parse) const {
    if (!value.IsScalar()) return error_at(value, "this must be one value");
    auto parsed = parse(value.Scalar());
    if (!parsed) return error_at(value, parsed.error().message);
    fields[key] = std::move(*parsed);
    return {};
  }

  // One value stands for a list of one.
  [[nodiscard]] Result<void> put_list(Json& fields, const std::string& key,
                                      const YAML::Node& value) const {
    Json list = Json::array();
    const auto add = [&](const YAML::Node& item) -> Result<void> {
      Json one = Json::object();
      if (auto done = put(one, key, item, parse_text); !done) return done;
      list.push_back(one[key]);
      return {};
    };
    if (!value.IsSequence()) {
      if (auto done = add(value); !done) return done;
    } else {
      for (const auto& item : value) {
        if (auto done = add(item); !done) return done;
      }
    }
    fields[key] = std::move(list);
    return {};
  }

  [[nodiscard]] tl::unexpected<Error> error_at(const YAML::Node& node,
                                               const std::string& message) const {
    return fail(place_of(node.Mark()) + ": " + message);
  }

  std::string file_;
};

}  // namespace

Result<Json> read_expectations(const std::string& path) {
  std::ifstream stream(path);
  const std::string text((std::istreambuf_iterator<char>(stream)), {});
  if (!stream) return system_failure("reading " + path);
  return parse_expectations(text, path);
}

Result<Json> parse_expectations(const std::string& text, const std::string& file) {
  const Reader reader(file);
  try {
    return reader.list(YAML::Load(text));
  } catch (const YAML::Exception& error) {
    return fail(reader.place_of(error.mark) + ": not YAML: " + error.msg);
  }
}

}  // namespace oneping::admin
