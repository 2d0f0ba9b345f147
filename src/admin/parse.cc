#include "admin/parse.h"

#include <charconv>
#include <cstdint>
#include <optional>

#include "base/utf8.h"

namespace oneping::admin {

namespace {

Result<Json> parse_time(const std::string& text, Sense sense) {
  const auto now = std::chrono::floor<Milliseconds>(std::chrono::system_clock::now());
  const auto time = parse_when(text, now, sense);
  if (!time) return tl::make_unexpected(time.error());
  return Json(timestamp_text(*time));
}

std::optional<std::uint64_t> whole_number(std::string_view text, std::uint64_t max) {
  std::uint64_t number = 0;
  const auto [stop, error] = std::from_chars(text.begin(), text.end(), number);
  const bool is_number = error == std::errc{} && stop == text.end() && number <= max;
  return is_number ? std::optional(number) : std::nullopt;
}

}  // namespace

Result<Json> parse_text(const std::string& text) {
  if (text.empty()) return fail("is empty");
  if (!is_utf8(text)) return fail("is not UTF-8");
  return Json(text);
}

Result<Json> parse_role(const std::string& text) {
  if (text == "read" || text == "admin") return Json(text);
  return fail("'" + text + "' is neither read nor admin");
}

Result<Json> parse_number(const std::string& text) {
  const auto number = whole_number(text, UINT32_MAX);
  if (number && *number > 0) return Json(*number);
  return fail("'" + text + "' is not a whole number from 1 on");
}

Result<Json> parse_ports(const std::string& text) {
  if (const auto port = whole_number(text, UINT16_MAX)) return Json(*port);
  const std::size_t dash = text.find('-');
  if (dash != text.npos) {
    const auto first = whole_number(std::string_view(text).substr(0, dash), UINT16_MAX);
    const auto last = whole_number(std::string_view(text).substr(dash + 1), UINT16_MAX);
    if (first && last && *first <= *last) return Json(text);
  }
  return fail("'" + text + "' is neither a port nor a range of them: write for example 53 or " +
              "1000-2000");
}

Result<Json> parse_milliseconds(const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) return tl::make_unexpected(duration.error());
  return Json(duration->count());
}

Result<Json> parse_time_ahead(const std::string& text) { return parse_time(text, Sense::ahead); }

Result<Json> parse_time_ago(const std::string& text) { return parse_time(text, Sense::ago); }

}  // namespace oneping::admin
