#include "quic/peer_verification.h"

#include <gnutls/x509.h>

#include <algorithm>
#include <cstring>
#include <ctime>

#include "quic/certificate.h"

namespace oneping::quic {

namespace {

using Verdict = tl::expected<void, Refusal>;

tl::unexpected<Refusal> refuse(std::string reason,
                               gnutls_alert_description_t alert = GNUTLS_A_BAD_CERTIFICATE) {
  return tl::unexpected(Refusal{static_cast<std::uint8_t>(alert), std::move(reason)});
}

// What GnuTLS found wrong, in our words. `name` is whom we wanted to meet.
tl::unexpected<Refusal> refuse(unsigned status, const std::string& name, const char* role) {
  const std::string certificate = "the peer's certificate ";
  if ((status & GNUTLS_CERT_UNEXPECTED_OWNER) != 0) {
    return refuse(certificate + "is not valid for the name " + name);
  }
  if ((status & GNUTLS_CERT_EXPIRED) != 0) {
    return refuse(certificate + "has expired", GNUTLS_A_CERTIFICATE_EXPIRED);
  }
  if ((status & GNUTLS_CERT_NOT_ACTIVATED) != 0) {
    return refuse(certificate + "is not valid yet (is the clock right?)",
                  GNUTLS_A_CERTIFICATE_EXPIRED);
  }
  if ((status & GNUTLS_CERT_REVOKED) != 0) {
    return refuse(certificate + "has been revoked", GNUTLS_A_CERTIFICATE_REVOKED);
  }
  if ((status & GNUTLS_CERT_PURPOSE_MISMATCH) != 0) {
    return refuse(certificate + "is not one for a " + role, GNUTLS_A_UNSUPPORTED_CERTIFICATE);
  }
  if ((status & GNUTLS_CERT_SIGNER_NOT_FOUND) != 0) {
    return refuse(certificate + "is not signed by an authority that we trust", GNUTLS_A_UNKNOWN_CA);
  }
  return refuse(certificate + "is not valid");
}

tl::unexpected<Refusal> refuse_server(unsigned status, const std::string& name) {
  return refuse(status, name, "server");
}

gnutls_typed_vdata_st demand(gnutls_vdata_types_t type, const char* value) {
  return {type, reinterpret_cast<unsigned char*>(const_cast<char*>(value)), 0};
}

Verdict verify_by_authorities(gnutls_session_t session, const TlsContext::Impl& tls) {
  gnutls_typed_vdata_st demands[] = {
      demand(GNUTLS_DT_KEY_PURPOSE_OID, GNUTLS_KP_TLS_WWW_SERVER),
      demand(GNUTLS_DT_DNS_HOSTNAME, tls.server_name.c_str()),
  };
  unsigned status = 0;
  const int error = gnutls_certificate_verify_peers(session, demands, std::size(demands), &status);
  if (error != 0) {
    return refuse(std::string("the peer's certificate cannot be checked: ") +
                  gnutls_strerror(error));
  }
  if (status != 0) return refuse_server(status, tls.server_name);
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
Verdict verify_by_pins(gnutls_session_t session, const TlsContext::Impl& tls) {
  const std::vector<Certificate> chain = chain_to_pin(session, tls);
  if (chain.empty()) return refuse("no certificate of the peer has a key that we have pinned");
  if (gnutls_x509_crt_check_hostname(chain.front().get(), tls.server_name.c_str()) == 0) {
    return refuse_server(GNUTLS_CERT_UNEXPECTED_OWNER, tls.server_name);
  }
  if (chain.size() == 1) {  // the leaf's own key: the handshake proves that the peer has it
    if (!is_current(chain.front().get())) return refuse_server(GNUTLS_CERT_EXPIRED, {});
    return {};
  }
  std::vector<gnutls_x509_crt_t> raw;
  raw.reserve(chain.size());
  for (const Certificate& certificate : chain) raw.push_back(certificate.get());
  gnutls_x509_trust_list_t made = nullptr;
  if (gnutls_x509_trust_list_init(&made, 0) != 0) return refuse("no memory to check a certificate");
  const auto deinit = [](gnutls_x509_trust_list_t list) { gnutls_x509_trust_list_deinit(list, 0); };
  const std::unique_ptr<std::remove_pointer_t<gnutls_x509_trust_list_t>, decltype(deinit)> trust(
      made, deinit);
  gnutls_x509_trust_list_add_cas(trust.get(), &raw.back(), 1, 0);
  gnutls_typed_vdata_st demands[] = {
      demand(GNUTLS_DT_KEY_PURPOSE_OID, GNUTLS_KP_TLS_WWW_SERVER),
  };
  unsigned status = 0;
  if (gnutls_x509_trust_list_verify_crt2(trust.get(), raw.data(),
                                         static_cast<unsigned>(raw.size() - 1), demands,
                                         std::size(demands), 0, &status, nullptr) != 0) {
    return refuse("the peer's certificate cannot be checked");
  }
  if (status != 0) return refuse_server(status, tls.server_name);
  return {};
}

std::chrono::sys_seconds to_time(std::time_t seconds) {
  return std::chrono::sys_seconds(std::chrono::seconds(seconds));
}

std::string common_name_of(gnutls_x509_crt_t certificate) {
  char name[256];
  std::size_t size = sizeof name;
  if (gnutls_x509_crt_get_dn_by_oid(certificate, GNUTLS_OID_X520_COMMON_NAME, 0, 0, name, &size) !=
      0) {
    return {};
  }
  return {name, size};
}

std::vector<std::string> uris_of(gnutls_x509_crt_t certificate) {
  std::vector<std::string> uris;
  for (unsigned i = 0; uris.size() < PeerCertificate::kMaxUris; ++i) {
    char name[1024];
    std::size_t size = sizeof name;
    const int type = gnutls_x509_crt_get_subject_alt_name(certificate, i, name, &size, nullptr);
    if (type == GNUTLS_E_REQUESTED_DATA_NOT_AVAILABLE) break;
    if (type == GNUTLS_SAN_URI) uris.emplace_back(name, size);
  }
  return uris;
}

std::optional<PeerCertificate> describe(const gnutls_datum_t& der) {
  const Certificate certificate = new_certificate();
  if (!certificate || gnutls_x509_crt_import(certificate.get(), &der, GNUTLS_X509_FMT_DER) != 0) {
    return std::nullopt;
  }
  const auto pin = key_pin_of(certificate.get());
  if (!pin) return std::nullopt;
  PeerCertificate peer;
  peer.key_pin = *pin;
  std::uint8_t serial[64];
  std::size_t serial_size = sizeof serial;
  if (gnutls_x509_crt_get_serial(certificate.get(), serial, &serial_size) == 0) {
    peer.serial.assign(serial, serial + serial_size);
  }
  peer.common_name = common_name_of(certificate.get());
  peer.uris = uris_of(certificate.get());
  peer.not_after = to_time(gnutls_x509_crt_get_expiration_time(certificate.get()));
  return peer;
}

}  // namespace

Verdict verify_server(gnutls_session_t session, const TlsContext::Impl& tls) {
  if (gnutls_certificate_type_get(session) != GNUTLS_CRT_X509) {
    return refuse("the peer has shown no certificate");
  }
  Verdict verdict = refuse("nothing to trust a certificate by");
  if (tls.has_authorities) verdict = verify_by_authorities(session, tls);
  if (!verdict && !tls.pins.empty()) {
    Verdict pinned = verify_by_pins(session, tls);
    if (pinned || !tls.has_authorities) verdict = std::move(pinned);
  }
  return verdict;
}

tl::expected<PeerCertificate, Refusal> verify_client(gnutls_session_t session) {
  gnutls_typed_vdata_st demands[] = {
      demand(GNUTLS_DT_KEY_PURPOSE_OID, GNUTLS_KP_TLS_WWW_CLIENT),
  };
  unsigned status = 0;
  const int error = gnutls_certificate_verify_peers(session, demands, std::size(demands), &status);
  if (error != 0) {
    return refuse(std::string("the peer's certificate cannot be checked: ") +
                  gnutls_strerror(error));
  }
  if (status != 0) return refuse(status, {}, "client");
  unsigned count = 0;
  const gnutls_datum_t* const shown = gnutls_certificate_get_peers(session, &count);
  if (shown == nullptr || count == 0) return refuse("the peer has shown no certificate");
  auto peer = describe(shown[0]);
  if (!peer) return refuse("the peer's certificate cannot be read");
  return std::move(*peer);
}

}  // namespace oneping::quic
