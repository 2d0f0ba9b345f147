// Whether we trust the certificate that a peer has shown: chain, dates, purpose; a server's name
// and pins too.
#pragma once

#include <tl/expected.hpp>

#include "quic/peer_certificate.h"
#include "quic/tls_context.h"

namespace oneping::quic {

// Why not: the alert that says so to the peer (RFC 8446, 6.2), and a line for a person.
struct Refusal {
  std::uint8_t alert;
  std::string reason;
};

[[nodiscard]] tl::expected<void, Refusal> verify_server(gnutls_session_t session,
                                                        const TlsContext::Impl& tls);

// The leaf must have been shown.
[[nodiscard]] tl::expected<PeerCertificate, Refusal> verify_client(gnutls_session_t session);

}  // namespace oneping::quic
