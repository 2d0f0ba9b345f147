#include "control/json_text.h"

#include <array>
#include <set>
#include <string>
#include <vector>

namespace oneping::control {

namespace {

constexpr std::size_t kMaxDepth = 32;
// The objects of the JSON library are searched from front to back.
constexpr int kMaxFields = 100;

// What is too much of it, for the parser and for those who read what it has made; a look at
// brackets and colons, so that it means something only for what is JSON otherwise.
const char* excess_in(std::string_view text) {
  std::array<int, kMaxDepth + 1> fields{};  // of the object that is open at each depth
  std::size_t depth = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\') ++i;
      if (c == '"') in_string = false;
    } else if (c == '"') {
      in_string = true;
    } else if (c == '[' || c == '{') {
      if (++depth > kMaxDepth) return "the JSON is nested too deep: more than 32 levels";
      fields[depth] = 0;
    } else if (c == ']' || c == '}') {
      if (depth > 0) --depth;
    } else if (c == ':') {
      if (++fields[depth] > kMaxFields) return "an object in the JSON has more than 100 fields";
    }
  }
  return nullptr;
}

}  // namespace

Outcome<Json> parse_json(std::string_view text) {
  if (const char* excess = excess_in(text)) return refuse(RefusalKind::malformed, excess);
  // Of two fields with one name readers may take either (RFC 8259, 4): they would not agree.
  std::vector<std::set<std::string>> open_objects;
  bool is_ambiguous = false;
  const auto note = [&](int, Json::parse_event_t event, Json& parsed) {
    using Event = Json::parse_event_t;
    if (event == Event::object_start) open_objects.emplace_back();
    if (event == Event::object_end) open_objects.pop_back();
    if (event == Event::key) {
      is_ambiguous |= !open_objects.back().insert(parsed.get<std::string>()).second;
    }
    return true;
  };
  Json json = Json::parse(text, note, false);
  if (json.is_discarded()) {
    return refuse(RefusalKind::malformed, "the body is no JSON, or not in UTF-8");
  }
  if (is_ambiguous) {
    return refuse(RefusalKind::malformed, "an object in the JSON has a field twice");
  }
  return json;
}

}  // namespace oneping::control
