#include "masque/ip_target.h"

#include <algorithm>
#include <charconv>

namespace oneping::masque {

namespace {

constexpr std::string_view kBeginning = "/.well-known/masque/ip/";

std::optional<int> hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<std::string> percent_decoded(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const auto high = i + 2 < text.size() ? hex_digit(text[i + 1]) : std::nullopt;
    const auto low = high ? hex_digit(text[i + 2]) : std::nullopt;
    if (!low) return std::nullopt;
    decoded += static_cast<char>(*high << 4 | *low);
    i += 2;
  }
  return decoded;
}

// Cuts the segment before the next '/' off the front of `path`, decoded.
std::optional<std::string> take_segment(std::string_view& path) {
  const std::size_t end = path.find('/');
  if (end == std::string_view::npos || end == 0) return std::nullopt;
  auto segment = percent_decoded(path.substr(0, end));
  path.remove_prefix(end + 1);
  return segment;
}

std::optional<std::uint8_t> parse_protocol(std::string_view text) {
  std::uint8_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || text.size() > 3) {
    return std::nullopt;
  }
  return number;
}

// reg-name of RFC 3986, 3.2.2, as DNS can have it.
bool is_host_name(std::string_view text) {
  constexpr std::size_t kMaxName = 253;
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '.' || c == '_';
  };
  const auto is_letter = [](char c) { return (c | 0x20) >= 'a' && (c | 0x20) <= 'z'; };
  // Without a letter it is an address gone wrong.
  return !text.empty() && text.size() <= kMaxName && std::ranges::all_of(text, fits) &&
         std::ranges::any_of(text, is_letter);
}

}  // namespace

std::variant<IpTarget, IpPathError> parse_ip_path(std::string_view path) {
  if (!path.starts_with(kBeginning)) return IpPathError::other_path;
  path.remove_prefix(kBeginning.size());
  const auto target = take_segment(path);
  const auto protocol = target ? take_segment(path) : std::nullopt;
  if (!protocol || !path.empty()) return IpPathError::malformed;

  IpTarget parsed;
  if (const auto prefix = Prefix::parse(*target)) {
    parsed.target = *prefix;
  } else if (is_host_name(*target)) {
    parsed.target = *target;
  } else if (*target != "*") {
    return IpPathError::malformed;
  }
  if (*protocol == "*") return parsed;
  parsed.protocol = parse_protocol(*protocol);
  if (!parsed.protocol) return IpPathError::malformed;
  return parsed;
}

}  // namespace oneping::masque
