// A device's certificate: the device makes a key, which never leaves it, and a request (PKCS #10)
// that proves it has the key; the edge's authority signs what it says of the device.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "base/result.h"
#include "quic/peer_certificate.h"

namespace oneping::quic {

struct KeyAndRequest {
  std::string key_pem;
  std::string request_pem;
};
// An ECDSA P-256 key and its request. `name` is for people; the edge chooses its own.
[[nodiscard]] Result<KeyAndRequest> make_key_and_csr(const std::string& name);
// A request for a key that there is already, to renew a certificate.
[[nodiscard]] Result<std::string> make_csr(const std::string& key_pem, const std::string& name);

// The key that a request is for. Fails if the request is not signed by that key, and if the key is
// not ECDSA P-256.
[[nodiscard]] Result<KeyPin> csr_key_pin(const std::string& request_pem);

// Whether it is a private key.
[[nodiscard]] Result<void> check_private_key(const std::string& key_pem);

struct DeviceIdentity {
  std::string common_name;           // at most 64 characters (RFC 5280, A.1)
  std::vector<std::string> uris;     // go into subjectAltName
  std::vector<std::uint8_t> serial;  // 1 to 20 bytes, positive (RFC 5280, 4.1.2.2)
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
};
// The certificate, for TLS clients only. Of the request it takes the key and nothing else.
[[nodiscard]] Result<std::string> sign_device_certificate(const std::string& ca_pem,
                                                          const std::string& ca_key_pem,
                                                          const std::string& request_pem,
                                                          const DeviceIdentity& identity);

struct Validity {
  std::chrono::sys_seconds not_before;
  std::chrono::sys_seconds not_after;
  friend bool operator==(const Validity&, const Validity&) = default;
};
// Of the first certificate in `pem`.
[[nodiscard]] Result<Validity> validity_of(const std::string& pem);

}  // namespace oneping::quic
