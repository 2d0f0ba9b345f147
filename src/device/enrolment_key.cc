#include "device/enrolment_key.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "base/base64.h"

namespace oneping::device {

namespace {

constexpr std::string_view kPrefix = "opk_";
constexpr std::uint8_t kVersion = 1;
constexpr std::string_view kSpace = " \t\r\n";

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(kSpace);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

// RFC 4648, 5, without padding.
std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != text.npos) return std::nullopt;
  std::string standard(text);
  std::ranges::replace(standard, '-', '+');
  std::ranges::replace(standard, '_', '/');
  return from_base64(standard);
}

// What somebody else's secret is, who took it for an enrolment key.
std::string what_it_is(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.starts_with("opa_")) return "this is a token for the edge's API";
  if (text.starts_with("ey")) return "this looks like a tunnel's token, which connectors use";
  return "it does not begin with opk_";
}

}  // namespace

Result<EnrolmentKey> parse_enrolment_key(std::string_view text) {
  text = trim(text);
  if (!text.starts_with(kPrefix)) {
    return fail("reading the enrolment key: " + what_it_is(text) +
                "; 'oneping key create' at the edge makes one");
  }
  const auto bytes = from_base64url(text.substr(kPrefix.size()));
  if (!bytes || bytes->empty()) {
    return fail("reading the enrolment key: it is damaged; copy it again, whole");
  }
  if (bytes->front() != kVersion) {
    return fail("reading the enrolment key: its version " + std::to_string(bytes->front()) +
                " is not known here; is this program older than the edge?");
  }
  EnrolmentKey key;
  const std::size_t size = 1 + key.secret.size() + key.authority_pin.size();
  if (bytes->size() != size) {
    return fail(std::string("reading the enrolment key: it is ") +
                (bytes->size() > size ? "too long" : "cut short") + "; copy it again, whole");
  }
  key.text = text;
  const auto secret = bytes->begin() + 1;
  std::copy_n(secret, key.secret.size(), key.secret.begin());
  std::copy_n(secret + std::ssize(key.secret), key.authority_pin.size(), key.authority_pin.begin());
  return key;
}

}  // namespace oneping::device
