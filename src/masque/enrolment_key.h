// What an administrator gives to a person so that he can enrol a device: a secret that proves the
// device to the edge, and a pin that proves the edge to the device: "opk_" and base64url of a
// version, 1, the secret and the pin.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "quic/peer_certificate.h"

namespace oneping::masque {

using EnrolmentSecret = std::array<std::uint8_t, 32>;

struct EnrolmentKey {
  std::string text;  // as people copy it and the edge wants it; never logged
  EnrolmentSecret secret{};
  quic::KeyPin authority_pin{};  // of the edge's certificate authority
};

[[nodiscard]] EnrolmentKey make_enrolment_key(const EnrolmentSecret& secret,
                                              const quic::KeyPin& authority_pin);

// From text with or without space around it, as files have. Errors are for people and tell nothing
// of the key.
[[nodiscard]] Result<EnrolmentKey> parse_enrolment_key(std::string_view text);

}  // namespace oneping::masque
