// What an edge is known by: a new certificate authority, and a server certificate that it signed.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace oneping::quic {

// ECDSA P-256: secp256r1 is what old cloudflared can check.
struct CertificateBundle {
  std::string ca_pem;
  std::string ca_key_pem;
  std::string certificate_pem;  // leaf, then CA
  std::string key_pem;
};
// `names`, at least one, go into subjectAltName.
[[nodiscard]] Result<CertificateBundle> make_server_certificate(
    const std::vector<std::string>& names);

}  // namespace oneping::quic
