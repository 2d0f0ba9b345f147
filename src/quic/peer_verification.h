// Whether a client trusts the certificate that a server has shown: chain, dates, name, pins.
#pragma once

#include "quic/tls_context.h"

namespace oneping::quic {

// Fails with the reason, for a person.
[[nodiscard]] Result<void> verify_server(gnutls_session_t session, const TlsContext::Impl& tls);

}  // namespace oneping::quic
