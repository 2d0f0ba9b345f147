// The TLS handshake of one connection. Owns the GnuTLS session, which points back at it: it must
// not move. The ngtcp2 connection that is attached must die before it.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "quic/ngtcp2_compat.h"
#include "quic/peer_verification.h"
#include "quic/tls_context.h"

namespace oneping::quic {

class TlsSession {
 public:
  [[nodiscard]] static Result<std::unique_ptr<TlsSession>> make(const TlsContext& context);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession() = default;

  void attach(ngtcp2_conn* conn);

  // Why we refused the peer's certificate; none if we did not.
  [[nodiscard]] const std::optional<Refusal>& refusal() const { return refusal_; }
  // The application protocol; empty while none is agreed on.
  [[nodiscard]] std::string_view protocol() const;
  // A client's, after the handshake.
  [[nodiscard]] const std::optional<PeerCertificate>& client() const { return client_; }

 private:
  explicit TlsSession(const TlsContext::Impl& context) : context_(context) {}
  [[nodiscard]] Result<void> init();
  static int on_verify(gnutls_session_t session);
  [[nodiscard]] tl::expected<void, Refusal> verify();

  const TlsContext::Impl& context_;
  Owned<gnutls_session_t, gnutls_deinit> session_;
  ngtcp2_conn* conn_ = nullptr;
  ngtcp2_crypto_conn_ref reference_{};
  std::optional<Refusal> refusal_;
  std::optional<PeerCertificate> client_;
};

// "TLS alert 42 bad certificate"
[[nodiscard]] std::string describe_alert(unsigned alert);

}  // namespace oneping::quic
