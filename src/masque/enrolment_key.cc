#include "masque/enrolment_key.h"

#include <algorithm>
#include <vector>

#include "base/base64.h"
#include "base/trimmed.h"

namespace oneping::masque {

namespace {

constexpr std::string_view kPrefix = "opk_";
constexpr std::uint8_t kVersion = 1;

// What somebody else's secret is, who took it for an enrolment key.
std::string what_it_is(std::string_view text) {
  if (text.empty()) return "it is empty";
  if (text.starts_with("opa_")) return "this is a token for the edge's API";
  if (text.starts_with("ey")) return "this looks like a tunnel's token, which connectors use";
  return "it does not begin with opk_";
}

}  // namespace

EnrolmentKey make_enrolment_key(const EnrolmentSecret& secret, const quic::KeyPin& authority_pin) {
  std::vector<std::uint8_t> bytes{kVersion};
  bytes.insert(bytes.end(), secret.begin(), secret.end());
  bytes.insert(bytes.end(), authority_pin.begin(), authority_pin.end());
  return {std::string(kPrefix) + to_base64url(bytes), secret, authority_pin};
}

Result<EnrolmentKey> parse_enrolment_key(std::string_view text) {
  text = trimmed(text);
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

}  // namespace oneping::masque
