#include "quic/tls.h"

#include "quic/tls_context.h"

namespace oneping::quic {

namespace {

Result<std::unique_ptr<TlsContext::Impl>> make_impl(const std::vector<std::string>& alpn,
                                                    const std::string& groups) {
  auto impl = std::make_unique<TlsContext::Impl>();
  impl->alpn = alpn;
  gnutls_certificate_credentials_t credentials = nullptr;
  if (const int error = gnutls_certificate_allocate_credentials(&credentials); error != 0) {
    return fail(std::string("allocating TLS credentials: ") + gnutls_strerror(error));
  }
  impl->credentials.reset(credentials);

  // The compatibility mode's fake session id and change_cipher_spec have no place in QUIC (RFC
  // 9001, 8.4).
  const std::string priority_text =
      "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305:"
      "-GROUP-ALL:" +
      groups + ":%DISABLE_TLS13_COMPAT_MODE";
  gnutls_priority_t priority = nullptr;
  const char* wrong = nullptr;
  if (gnutls_priority_init(&priority, priority_text.c_str(), &wrong) != 0) {
    return fail("the TLS library does not know '" + std::string(wrong) + "'");
  }
  impl->priority.reset(priority);
  return impl;
}

Result<std::shared_ptr<const TlsContext>> wrap(Result<std::unique_ptr<TlsContext::Impl>> impl) {
  if (!impl) return tl::make_unexpected(impl.error());
  return std::make_shared<const TlsContext>(std::move(*impl));
}

}  // namespace

Result<std::unique_ptr<TlsContext::Impl>> TlsContext::Impl::server(const ServerTlsOptions& options,
                                                                   const std::string& groups) {
  auto impl = make_impl(options.alpn, groups);
  if (!impl) return impl;
  (*impl)->is_server = true;
  if (auto done = (*impl)->show(options.certificate_pem, options.key_pem); !done) {
    return tl::unexpected(done.error());
  }
  if (!options.client_ca_pem.empty()) {
    if (auto done = (*impl)->trust(options.client_ca_pem); !done) {
      return fail("for clients", done.error());
    }
  }
  return impl;
}

Result<std::unique_ptr<TlsContext::Impl>> TlsContext::Impl::client(const ClientTlsOptions& options,
                                                                   const std::string& groups) {
  auto impl = make_impl(options.alpn, groups);
  if (!impl) return impl;
  (*impl)->server_name = options.server_name;
  (*impl)->pins = options.pins;
  if (!options.certificate_pem.empty()) {
    if (auto done = (*impl)->show(options.certificate_pem, options.key_pem); !done) {
      return tl::unexpected(done.error());
    }
  }
  if (!options.ca_pem.empty()) {
    if (auto done = (*impl)->trust(options.ca_pem); !done) return tl::unexpected(done.error());
  } else if (options.pins.empty()) {
    const int count = gnutls_certificate_set_x509_system_trust((*impl)->credentials.get());
    if (count < 0) {
      return fail(std::string("reading the system's certificate authorities: ") +
                  gnutls_strerror(count));
    }
    (*impl)->has_authorities = true;
  }
  return impl;
}

Result<void> TlsContext::Impl::show(const std::string& certificate_pem,
                                    const std::string& key_pem) {
  const gnutls_datum_t certificate = datum_of(certificate_pem);
  const gnutls_datum_t key = datum_of(key_pem);
  const int error = gnutls_certificate_set_x509_key_mem(credentials.get(), &certificate, &key,
                                                        GNUTLS_X509_FMT_PEM);
  if (error < 0) {
    return fail(std::string("reading our certificate and key: ") + gnutls_strerror(error));
  }
  return {};
}

Result<void> TlsContext::Impl::trust(const std::string& authorities_pem) {
  const gnutls_datum_t authorities = datum_of(authorities_pem);
  const int count =
      gnutls_certificate_set_x509_trust_mem(credentials.get(), &authorities, GNUTLS_X509_FMT_PEM);
  if (count < 0) {
    return fail(std::string("reading the certificate authorities: ") + gnutls_strerror(count));
  }
  if (count == 0) return fail("reading the certificate authorities: there is no certificate");
  has_authorities = true;
  return {};
}

TlsContext::TlsContext(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::server(const ServerTlsOptions& options) {
  return wrap(Impl::server(options));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::client(const ClientTlsOptions& options) {
  return wrap(Impl::client(options));
}

}  // namespace oneping::quic
