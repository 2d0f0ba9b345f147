#include "quic/tls_session.h"

#include <algorithm>
#include <cctype>

#include "wire/ip_address.h"

namespace oneping::quic {

Result<std::unique_ptr<TlsSession>> TlsSession::make(const TlsContext& context) {
  std::unique_ptr<TlsSession> session(new TlsSession(context.impl()));
  if (auto done = session->init(); !done) return tl::unexpected(done.error());
  return session;
}

Result<void> TlsSession::init() {
  const auto check = [](int error) -> Result<void> {
    if (error < 0) return fail(std::string("starting TLS: ") + gnutls_strerror(error));
    return {};
  };
  gnutls_session_t session = nullptr;
  // A client shows its certificate even if the server names other authorities: a clear refusal is
  // better than being taken for nobody.
  auto done = check(gnutls_init(
      &session, context_.is_server ? GNUTLS_SERVER : GNUTLS_CLIENT | GNUTLS_FORCE_CLIENT_CERT));
  if (!done) return done;
  session_.reset(session);
  if (done = check(gnutls_priority_set(session, context_.priority.get())); !done) return done;
  done = check(gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, context_.credentials.get()));
  if (!done) return done;

  std::vector<gnutls_datum_t> protocols;
  for (const std::string& name : context_.alpn) protocols.push_back(datum_of(name));
  done = check(gnutls_alpn_set_protocols(session, protocols.data(),
                                         static_cast<unsigned>(protocols.size()),
                                         GNUTLS_ALPN_MANDATORY | GNUTLS_ALPN_SERVER_PRECEDENCE));
  if (!done) return done;

  reference_.get_conn = [](ngtcp2_crypto_conn_ref* reference) {
    return static_cast<TlsSession*>(reference->user_data)->conn_;
  };
  reference_.user_data = this;
  gnutls_session_set_ptr(session, &reference_);
  gnutls_session_set_verify_function(session, on_verify);
  if (context_.is_server) {
    gnutls_certificate_server_set_request(
        session, context_.has_authorities ? GNUTLS_CERT_REQUEST : GNUTLS_CERT_IGNORE);
    return check(ngtcp2_crypto_gnutls_configure_server_session(session));
  }

  const std::string& name = context_.server_name;
  if (!name.empty() && !IpAddress::parse(name)) {  // RFC 6066, 3: no addresses
    done = check(gnutls_server_name_set(session, GNUTLS_NAME_DNS, name.data(), name.size()));
    if (!done) return done;
  }
  return check(ngtcp2_crypto_gnutls_configure_client_session(session));
}

void TlsSession::attach(ngtcp2_conn* conn) {
  conn_ = conn;
  ngtcp2_conn_set_tls_native_handle(conn, session_.get());
}

std::string_view TlsSession::protocol() const {
  gnutls_datum_t chosen{};
  if (gnutls_alpn_get_selected_protocol(session_.get(), &chosen) != 0) return {};
  return {reinterpret_cast<const char*>(chosen.data), chosen.size};
}

int TlsSession::on_verify(gnutls_session_t session) {
  auto* const reference = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(session));
  auto& self = *static_cast<TlsSession*>(reference->user_data);
  const auto verdict = self.verify();
  if (verdict) return 0;
  self.refusal_ = verdict.error();
  return GNUTLS_E_CERTIFICATE_VERIFICATION_ERROR;
}

tl::expected<void, Refusal> TlsSession::verify() {
  if (!context_.is_server) return verify_server(session_.get(), context_);
  unsigned shown = 0;
  if (gnutls_certificate_get_peers(session_.get(), &shown) == nullptr || shown == 0) return {};
  auto verified = verify_client(session_.get());
  if (!verified) return tl::unexpected(verified.error());
  client_ = std::move(*verified);
  return {};
}

std::string describe_alert(unsigned alert) {
  std::string text = "TLS alert " + std::to_string(alert);
  const char* const symbol =
      gnutls_alert_get_strname(static_cast<gnutls_alert_description_t>(alert));
  if (symbol == nullptr) return text;
  std::string name(symbol);  // as in GNUTLS_A_BAD_CERTIFICATE
  if (name.starts_with("GNUTLS_A_")) name.erase(0, 9);
  std::ranges::transform(name, name.begin(), [](unsigned char c) {
    return c == '_' ? ' ' : static_cast<char>(std::tolower(c));
  });
  return text + ' ' + name;
}

}  // namespace oneping::quic
