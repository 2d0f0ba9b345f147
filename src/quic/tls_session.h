// The TLS handshake of one connection. Owns the GnuTLS session, which points back at it: it must
// not move. The ngtcp2 connection that is attached must die before it.
#pragma once

#include <memory>
#include <string>

#include "quic/ngtcp2_compat.h"
#include "quic/tls_context.h"

namespace oneping::quic {

class TlsSession {
 public:
  [[nodiscard]] static Result<std::unique_ptr<TlsSession>> make(const TlsContext& context);
  TlsSession(const TlsSession&) = delete;
  TlsSession& operator=(const TlsSession&) = delete;
  ~TlsSession() = default;

  void attach(ngtcp2_conn* conn);

  // Why we refused the peer's certificate; empty if we did not.
  [[nodiscard]] const std::string& refusal() const { return refusal_; }
  // After the handshake: did both agree on an application protocol?
  [[nodiscard]] bool has_protocol() const;

 private:
  explicit TlsSession(const TlsContext::Impl& context) : context_(context) {}
  [[nodiscard]] Result<void> init();
  static int on_verify(gnutls_session_t session);

  const TlsContext::Impl& context_;
  Owned<gnutls_session_t, gnutls_deinit> session_;
  ngtcp2_conn* conn_ = nullptr;
  ngtcp2_crypto_conn_ref reference_{};
  std::string refusal_;
};

// "TLS alert 42 bad certificate"
[[nodiscard]] std::string describe_alert(unsigned alert);

}  // namespace oneping::quic
