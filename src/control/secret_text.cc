#include "control/secret_text.h"

#include <algorithm>
#include <vector>

#include "base/base64.h"

namespace oneping::control {

namespace {

constexpr std::string_view kApiTokenPrefix = "opa_";
constexpr std::string_view kEnrolmentKeyPrefix = "opk_";
constexpr std::uint8_t kEnrolmentKeyVersion = 1;

// RFC 4648, 5, without padding.
std::string to_base64url(Bytes bytes) {
  std::string text = to_base64(bytes);
  std::replace(text.begin(), text.end(), '+', '-');
  std::replace(text.begin(), text.end(), '/', '_');
  text.resize(std::min(text.size(), text.find('=')));
  return text;
}

std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text) {
  if (text.find_first_of("+/=") != text.npos) return std::nullopt;
  std::string standard(text);
  std::replace(standard.begin(), standard.end(), '-', '+');
  std::replace(standard.begin(), standard.end(), '_', '/');
  return from_base64(standard);
}

}  // namespace

Secret random_secret(Random& random) {
  Secret secret;
  random.fill(secret);
  return secret;
}

std::string api_token_text(const Secret& secret) {
  return std::string(kApiTokenPrefix) + to_base64url(secret);
}

std::optional<Secret> parse_api_token(std::string_view text) {
  if (!text.starts_with(kApiTokenPrefix)) return std::nullopt;
  const auto bytes = from_base64url(text.substr(kApiTokenPrefix.size()));
  Secret secret;
  if (!bytes || bytes->size() != secret.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), secret.begin());
  return secret;
}

std::string enrolment_key_text(const Secret& secret, const quic::KeyPin& edge_pin) {
  std::vector<std::uint8_t> bytes{kEnrolmentKeyVersion};
  bytes.insert(bytes.end(), secret.begin(), secret.end());
  bytes.insert(bytes.end(), edge_pin.begin(), edge_pin.end());
  return std::string(kEnrolmentKeyPrefix) + to_base64url(bytes);
}

bool are_equal(const SecretHash& a, const SecretHash& b) {
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<std::uint8_t>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace oneping::control
