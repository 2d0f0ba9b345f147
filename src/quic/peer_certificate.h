// What a peer's certificate says of it, once the certificate has been verified.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"

namespace oneping::quic {

// SHA-256 of a certificate's SubjectPublicKeyInfo (as in RFC 7469, 2.4).
using KeyPin = std::array<std::uint8_t, 32>;
// The pin of the first certificate in `pem`.
[[nodiscard]] Result<KeyPin> key_pin(const std::string& pem);

struct PeerCertificate {
  KeyPin key_pin{};
  std::vector<std::uint8_t> serial;
  std::string common_name;
  std::vector<std::string> uris;  // of its subjectAltName, at most kMaxUris
  std::chrono::sys_seconds not_after;

  static constexpr std::size_t kMaxUris = 8;
};

}  // namespace oneping::quic
