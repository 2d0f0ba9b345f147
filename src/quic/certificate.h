// X.509 certificates as owned GnuTLS handles, and their pins.
#pragma once

#include <gnutls/x509.h>

#include <optional>

#include "quic/tls_context.h"

namespace oneping::quic {

using Certificate = Owned<gnutls_x509_crt_t, gnutls_x509_crt_deinit>;

// Null when there is no memory.
[[nodiscard]] Certificate new_certificate();
[[nodiscard]] std::optional<KeyPin> key_pin_of(gnutls_x509_crt_t certificate);

}  // namespace oneping::quic
