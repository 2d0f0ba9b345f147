#include "control/secret_text.h"

#include <algorithm>
#include <vector>

#include "base/base64.h"

namespace oneping::control {

namespace {

constexpr std::string_view kApiTokenPrefix = "opa_";
constexpr std::string_view kEnrolmentKeyPrefix = "opk_";
constexpr std::string_view kSessionPrefix = "ops_";
constexpr std::string_view kLinkPrefix = "opl_";
constexpr std::uint8_t kEnrolmentKeyVersion = 1;

std::string text_of(std::string_view prefix, const Secret& secret) {
  return std::string(prefix) + to_base64url(secret);
}

// Nothing if there is anything but the prefix and a secret.
std::optional<Secret> secret_in(std::string_view text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return std::nullopt;
  const auto bytes = from_base64url(text.substr(prefix.size()));
  Secret secret;
  if (!bytes || bytes->size() != secret.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), secret.begin());
  return secret;
}

}  // namespace

Secret random_secret(Random& random) {
  Secret secret;
  random.fill(secret);
  return secret;
}

std::string api_token_text(const Secret& secret) { return text_of(kApiTokenPrefix, secret); }

std::optional<Secret> parse_api_token(std::string_view text) {
  return secret_in(text, kApiTokenPrefix);
}

std::string session_text(const Secret& secret) { return text_of(kSessionPrefix, secret); }

std::optional<Secret> parse_session(std::string_view text) {
  return secret_in(text, kSessionPrefix);
}

std::string link_text(const Secret& secret) { return text_of(kLinkPrefix, secret); }

std::optional<Secret> parse_link(std::string_view text) { return secret_in(text, kLinkPrefix); }

std::string enrolment_key_text(const Secret& secret, const quic::KeyPin& edge_pin) {
  std::vector<std::uint8_t> bytes{kEnrolmentKeyVersion};
  bytes.insert(bytes.end(), secret.begin(), secret.end());
  bytes.insert(bytes.end(), edge_pin.begin(), edge_pin.end());
  return std::string(kEnrolmentKeyPrefix) + to_base64url(bytes);
}

std::optional<Secret> parse_enrolment_key(std::string_view text) {
  if (!text.starts_with(kEnrolmentKeyPrefix)) return std::nullopt;
  const auto bytes = from_base64url(text.substr(kEnrolmentKeyPrefix.size()));
  Secret secret;
  if (!bytes || bytes->size() != 1 + secret.size() + sizeof(quic::KeyPin)) return std::nullopt;
  if (bytes->front() != kEnrolmentKeyVersion) return std::nullopt;
  std::copy_n(bytes->begin() + 1, secret.size(), secret.begin());
  return secret;
}

bool are_equal(const SecretHash& a, const SecretHash& b) {
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<std::uint8_t>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace oneping::control
