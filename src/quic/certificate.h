// X.509 certificates and keys as owned GnuTLS handles, and what making and reading them needs.
#pragma once

#include <gnutls/x509.h>

#include <optional>

#include "quic/tls_context.h"

namespace oneping::quic {

using Certificate = Owned<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;
using PrivateKey = Owned<gnutls_x509_privkey_t, gnutls_x509_privkey_deinit>;

// Null when there is no memory.
[[nodiscard]] Certificate new_certificate();
[[nodiscard]] std::optional<KeyPin> key_pin_of(gnutls_x509_crt_t certificate);
[[nodiscard]] Result<PrivateKey> new_private_key();  // ECDSA P-256
[[nodiscard]] Result<std::string> pem_of(gnutls_x509_crt_t certificate);
[[nodiscard]] Result<std::string> pem_of(gnutls_x509_privkey_t key);

// A GnuTLS result as ours.
[[nodiscard]] Result<void> check_making(int error);
// The first of several results that failed; evaluated in order.
template <typename... Steps>
[[nodiscard]] Result<void> check_all(Steps&&... steps) {
  Result<void> result;
  (... && (result = check_making(steps())));
  return result;
}
// Text that GnuTLS has allocated.
[[nodiscard]] Result<std::string> take_pem(int error, gnutls_datum_t pem);

// Says by which key of `authority` the certificate is signed, and signs it.
[[nodiscard]] Result<void> sign(gnutls_x509_crt_t certificate, gnutls_x509_crt_t authority,
                                gnutls_x509_privkey_t authority_key);

}  // namespace oneping::quic
