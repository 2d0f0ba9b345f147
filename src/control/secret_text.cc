#include "control/secret_text.h"

#include <algorithm>

#include "base/base64.h"

namespace oneping::control {

namespace {

constexpr std::string_view kApiTokenPrefix = "opa_";
constexpr std::string_view kSessionPrefix = "ops_";
constexpr std::string_view kLinkPrefix = "opl_";

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

bool are_equal(const SecretHash& a, const SecretHash& b) {
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<std::uint8_t>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace oneping::control
