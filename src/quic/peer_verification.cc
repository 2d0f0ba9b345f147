#include "quic/peer_verification.h"

#include <gnutls/x509.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "quic/certificate.h"

namespace oneping::quic {

namespace {

std::string explain(unsigned status, const std::string& name) {
  const std::string certificate = "the peer's certificate ";
  if ((status & GNUTLS_CERT_UNEXPECTED_OWNER) != 0) {
    return certificate + "is not valid for the name " + name;
  }
  if ((status & GNUTLS_CERT_EXPIRED) != 0) return certificate + "has expired";
  if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0) {
    return certificate + "is not valid yet (is the clock right?)";
  }
  if ((status & GNUTLS_CERT_REVOKED) != 0) return certificate + "has been revoked";
  if ((status & GNUTLS_CERT_PURPOSE_MISMATCH) != 0) return certificate + "is not one for a server";
  if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0) {
    return certificate + "is not signed by an authority that we trust";
  }
  return certificate + "is not valid";
}

Result<void> verify_by_authorities(gnutls_session_t session, const TlsContext::Impl& tls) {
  gnutls_typed_vdata_st demands[] = {
      {GNUTLS_DT_KEY_PURPOSE_OID,
       reinterpret_cast<unsigned char*>(const_cast<char*>(GNUTLS_KP_TLS_WWW_SERVER)), 0},
      {GNUTLS_DT_DNS_HOSTNAME,
       reinterpret_cast<unsigned char*>(const_cast<char*>(tls.server_name.c_str())), 0},
  };
  unsigned status = 0;
  const int error = gnutls_certificate_verify_peers(session, demands, std::size(demands), &status);
  if (error != 0) {
    return fail(std::string("the peer's certificate cannot be checked: ") + gnutls_strerror(error));
  }
  if (status != 0) return fail(explain(status, tls.server_name));
  return {};
}

// The leaf and its signers up to the first that has a pinned key; empty if none has.
std::vector<Certificate> chain_to_pin(gnutls_session_t session, const TlsContext::Impl& tls) {
  unsigned count = 0;
  const gnutls_datum_t* const shown = gnutls_certificate_get_peers(session, &count);
  std::vector<Certificate> chain;
  for (unsigned i = 0; shown != nullptr && i < count; ++i) {
    Certificate certificate = new_certificate();
    if (!certificate ||
        gnutls_x509_crt_import(certificate.get(), &shown[i], GNUTLS_X509_FMT_DER) != 0) {
      return {};
    }
    const auto pin = key_pin_of(certificate.get());
    chain.push_back(std::move(certificate));
    if (pin && std::ranges::find(tls.pins, *pin) != tls.pins.end()) return chain;
  }
  return {};
}

bool is_current(gnutls_x509_crt_t certificate) {
  const std::time_t now = std::time(nullptr);  // as the TLS library does for a chain
  return gnutls_x509_crt_get_activation_time(certificate) <= now &&
         now < gnutls_x509_crt_get_expiration_time(certificate);
}

// The pinned certificate is the only authority for what stands before it in the chain.
Result<void> verify_by_pins(gnutls_session_t session, const TlsContext::Impl& tls) {
  const std::vector<Certificate> chain = chain_to_pin(session, tls);
  if (chain.empty()) return fail("no certificate of the peer has a key that we have pinned");
  if (gnutls_x509_crt_check_hostname(chain.front().get(), tls.server_name.c_str()) == 0) {
    return fail(explain(GNUTLS_CERT_UNEXPECTED_OWNER, tls.server_name));
  }
  if (chain.size() == 1) {  // the leaf's own key: the handshake proves that the peer has it
    if (!is_current(chain.front().get())) return fail(explain(GNUTLS_CERT_EXPIRED, {}));
    return {};
  }
  std::vector<gnutls_x509_crt_t> raw;
  raw.reserve(chain.size());
  for (const Certificate& certificate : chain) raw.push_back(certificate.get());
  gnutls_x509_trust_list_t made = nullptr;
  if (gnutls_x509_trust_list_init(&made, 0) != 0) return fail("no memory to check a certificate");
  const auto deinit = [](gnutls_x509_trust_list_t list) { gnutls_x509_trust_list_deinit(list, 0); };
  const std::unique_ptr<std::remove_pointer_t<gnutls_x509_trust_list_t>, decltype(deinit)> trust(
      made, deinit);
  gnutls_x509_trust_list_add_cas(trust.get(), &raw.back(), 1, 0);
  gnutls_typed_vdata_st demands[] = {
      {GNUTLS_DT_KEY_PURPOSE_OID,
       reinterpret_cast<unsigned char*>(const_cast<char*>(GNUTLS_KP_TLS_WWW_SERVER)), 0},
  };
  unsigned status = 0;
  if (gnutls_x509_trust_list_verify_crt2(trust.get(), raw.data(),
                                         static_cast<unsigned>(raw.size() - 1), demands,
                                         std::size(demands), 0, &status, nullptr) != 0) {
    return fail("the peer's certificate cannot be checked");
  }
  if (status != 0) return fail(explain(status, tls.server_name));
  return {};
}

}  // namespace

Result<void> verify_server(gnutls_session_t session, const TlsContext::Impl& tls) {
  if (gnutls_certificate_type_get(session) != GNUTLS_CRT_X509) {
    return fail("the peer has shown no certificate");
  }
  Result<void> verdict = fail("nothing to trust a certificate by");
  if (tls.has_authorities) verdict = verify_by_authorities(session, tls);
  if (!verdict && !tls.pins.empty()) {
    Result<void> pinned = verify_by_pins(session, tls);
    if (pinned || !tls.has_authorities) verdict = std::move(pinned);
  }
  return verdict;
}

}  // namespace oneping::quic
