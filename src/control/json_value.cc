#include "control/json_value.h"

#include <charconv>
#include <limits>

namespace oneping::control {

namespace {

Read read_text(const Json& json, const std::string& field, std::string& text) {
  if (!json.is_string()) return malformed(field, field + " must be text");
  text = json.get<std::string>();
  return {};
}

// A whole number from 0 on.
Read read_count(const Json& json, const std::string& field, std::uint64_t most,
                std::uint64_t& count) {
  if (!json.is_number_integer()) return malformed(field, field + " must be a whole number");
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > most) {
    return invalid(field, field + " must be from 0 to " + std::to_string(most));
  }
  count = json.get<std::uint64_t>();
  return {};
}

template <typename Unsigned>
Read read_unsigned(const Json& json, const std::string& field, Unsigned& value) {
  std::uint64_t count = 0;
  auto read = read_count(json, field, std::numeric_limits<Unsigned>::max(), count);
  value = static_cast<Unsigned>(count);
  return read;
}

// Text that `parse` makes a value of.
template <typename Value, typename Parse>
Read read_parsed(const Json& json, const std::string& field, const char* what, Value& value,
                 Parse parse) {
  std::string text;
  if (auto read = read_text(json, field, text); !read) return read;
  const auto parsed = parse(text);
  if (!parsed) return invalid(field, field + " is " + in_quotes(text) + ", which is no " + what);
  value = *parsed;
  return {};
}

// One of two words.
template <typename Value>
Read read_choice(const Json& json, const std::string& field, Value& value,
                 std::pair<const char*, Value> one, std::pair<const char*, Value> other) {
  std::string text;
  if (auto read = read_text(json, field, text); !read) return read;
  if (text != one.first && text != other.first) {
    return invalid(field, field + " is " + in_quotes(text) + ", and must be " + one.first + " or " +
                              other.first);
  }
  value = text == one.first ? one.second : other.second;
  return {};
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (!is_number(text) || error != std::errc{} || end != text.data() + text.size()) return {};
  return port;
}

std::optional<PortRange> parse_port_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == text.npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return PortRange{*first, *last};
}

std::optional<WhoInput> parse_who(std::string_view text) {
  const auto colon = text.find(':');
  if (colon == text.npos) return std::nullopt;
  const std::string_view kind = text.substr(0, colon);
  const Reference name{std::string(text.substr(colon + 1))};
  if (kind == "user") return WhoInput{SubjectKind::user, name};
  if (kind == "group") return WhoInput{SubjectKind::group, name};
  if (kind == "device") return WhoInput{SubjectKind::device, name};
  if (kind == "tag") return WhoInput{SubjectKind::tag, name};
  return std::nullopt;
}

}  // namespace

namespace schema {

Json boolean() { return {{"type", "boolean"}}; }
Json integer() { return {{"type", "integer"}}; }
Json number() { return {{"type", "number"}}; }
Json text() { return {{"type", "string"}}; }
Json text(const char* format) { return {{"type", "string"}, {"format", format}}; }
Json one_of(std::vector<std::string> words) {
  return {{"type", "string"}, {"enum", std::move(words)}};
}
Json list_of(Json entries) {
  return {{"type", "array"}, {"items", std::move(entries)}, {"maxItems", kMaxInList}};
}
Json nullable(Json value) {
  Json types = value["type"];
  if (!types.is_array()) types = Json::array({types});
  types.push_back("null");
  value["type"] = types;
  if (value.contains("enum")) value["enum"].push_back(nullptr);
  return value;
}
Json component(const std::string& name) { return {{"$ref", "#/components/schemas/" + name}}; }

}  // namespace schema

Json schema_of(const bool*) { return schema::boolean(); }
Json schema_of(const std::string*) { return schema::text(); }
Json schema_of(const std::uint32_t*) { return {{"type", "integer"}, {"minimum", 0}}; }
Json schema_of(const std::uint16_t*) {
  return {{"type", "integer"}, {"minimum", 0}, {"maximum", 65535}};
}
Json schema_of(const std::chrono::milliseconds*) { return {{"type", "integer"}, {"minimum", 0}}; }
Json schema_of(const Timestamp*) { return schema::text("date-time"); }
Json schema_of(const IpAddress*) { return schema::text("ip-address"); }
Json schema_of(const Prefix*) { return schema::text("ip-prefix"); }
Json schema_of(const PortRange*) { return {{"type", {"integer", "string"}}}; }
Json schema_of(const Verdict*) { return schema::one_of({"allow", "deny"}); }
Json schema_of(const tunnel::PathMode*) { return schema::one_of({"full", "single-hop"}); }
Json schema_of(const Protocol*) { return schema::one_of({"icmp", "udp"}); }
Json schema_of(const IcmpType*) { return schema::one_of({"echo-request"}); }
Json schema_of(const Role*) { return schema::one_of({"read", "admin"}); }
Json schema_of(const Reference*) { return {{"type", {"string", "integer"}}}; }
Json schema_of(const WhoInput*) {
  return {{"type", "string"}, {"pattern", "^(user|group|device|tag):"}};
}

Read read_json(const Json& json, const std::string& field, bool& value) {
  if (!json.is_boolean()) return malformed(field, field + " must be true or false");
  value = json.get<bool>();
  return {};
}

Read read_json(const Json& json, const std::string& field, std::string& value) {
  return read_text(json, field, value);
}

Read read_json(const Json& json, const std::string& field, std::uint32_t& value) {
  return read_unsigned(json, field, value);
}

Read read_json(const Json& json, const std::string& field, std::uint16_t& value) {
  return read_unsigned(json, field, value);
}

Read read_json(const Json& json, const std::string& field, std::chrono::milliseconds& value) {
  constexpr std::uint64_t kCentury = 3'155'760'000'000;
  std::uint64_t count = 0;
  auto read = read_count(json, field, kCentury, count);
  value = std::chrono::milliseconds(count);
  return read;
}

Read read_json(const Json& json, const std::string& field, Timestamp& value) {
  return read_parsed(json, field, "time such as 2026-11-21T23:28:14Z", value, parse_timestamp);
}

Read read_json(const Json& json, const std::string& field, IpAddress& value) {
  return read_parsed(json, field, "IP address", value, IpAddress::parse);
}

Read read_json(const Json& json, const std::string& field, Prefix& value) {
  return read_parsed(json, field, "prefix such as 10.0.0.0/8, without bits set behind its length",
                     value, Prefix::parse);
}

Read read_json(const Json& json, const std::string& field, PortRange& value) {
  if (json.is_number()) {
    auto read = read_json(json, field, value.first);
    value.last = value.first;
    return read;
  }
  return read_parsed(json, field, "port, or ports such as 1000-2000", value, parse_port_range);
}

Read read_json(const Json& json, const std::string& field, tunnel::PathMode& value) {
  return read_choice<tunnel::PathMode>(json, field, value, {"full", tunnel::PathMode::full},
                                       {"single-hop", tunnel::PathMode::single_hop});
}

Read read_json(const Json& json, const std::string& field, Verdict& value) {
  return read_choice<Verdict>(json, field, value, {"allow", Verdict::allow},
                              {"deny", Verdict::deny});
}

Read read_json(const Json& json, const std::string& field, Protocol& value) {
  return read_choice<Protocol>(json, field, value, {"icmp", Protocol::icmp},
                               {"udp", Protocol::udp});
}

Read read_json(const Json& json, const std::string& field, IcmpType& value) {
  return read_parsed(json, field, "ICMP type that begins a flow: only echo-request does", value,
                     [](std::string_view text) -> std::optional<IcmpType> {
                       if (text != "echo-request") return std::nullopt;
                       return IcmpType::echo_request;
                     });
}

Read read_json(const Json& json, const std::string& field, Role& value) {
  return read_choice<Role>(json, field, value, {"read", Role::read}, {"admin", Role::admin});
}

Read read_json(const Json& json, const std::string& field, Reference& value) {
  if (json.is_number_integer()) {
    value.text = to_text(json);
    return {};
  }
  if (!json.is_string()) return malformed(field, field + " must be a name or an id");
  value.text = json.get<std::string>();
  return {};
}

Read read_json(const Json& json, const std::string& field, WhoInput& value) {
  return read_parsed(json, field, "user:NAME, group:NAME, device:NAME or tag:TAG", value,
                     parse_who);
}

tl::unexpected<Refusal> malformed(const std::string& field, const std::string& detail) {
  return refuse(RefusalKind::malformed, detail, field);
}

}  // namespace oneping::control
