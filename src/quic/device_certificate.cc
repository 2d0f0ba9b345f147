#include "quic/device_certificate.h"

#include <gnutls/abstract.h>

#include <algorithm>
#include <ctime>

#include "quic/certificate.h"

namespace oneping::quic {

namespace {

using Request = Owned<gnutls_x509_crq_t, gnutls_x509_crq_deinit>;
using PublicKey = Owned<gnutls_pubkey_t, gnutls_pubkey_deinit>;

unsigned size_of(const std::string& text) { return static_cast<unsigned>(text.size()); }

std::time_t to_native(std::chrono::sys_seconds time) {
  return static_cast<std::time_t>(time.time_since_epoch().count());
}

Result<Request> new_request() {
  gnutls_x509_crq_t made = nullptr;
  if (auto done = check_making(gnutls_x509_crq_init(&made)); !done) {
    return tl::unexpected(done.error());
  }
  return Request(made);
}

Result<PrivateKey> read_key(const std::string& pem) {
  gnutls_x509_privkey_t made = nullptr;
  if (auto done = check_making(gnutls_x509_privkey_init(&made)); !done) {
    return tl::unexpected(done.error());
  }
  PrivateKey key(made);
  const gnutls_datum_t datum = datum_of(pem);
  const int error = gnutls_x509_privkey_import2(key.get(), &datum, GNUTLS_X509_FMT_PEM, nullptr, 0);
  if (error != 0) return fail(std::string("reading a private key: ") + gnutls_strerror(error));
  return key;
}

Result<std::string> make_request(gnutls_x509_privkey_t key, const std::string& name) {
  auto request = new_request();
  if (!request) return tl::unexpected(request.error());
  gnutls_x509_crq_t crq = request->get();
  auto done = check_all([&] { return gnutls_x509_crq_set_version(crq, 1); },
                        [&] {
                          return gnutls_x509_crq_set_dn_by_oid(crq, GNUTLS_OID_X520_COMMON_NAME, 0,
                                                               name.data(), size_of(name));
                        },
                        [&] { return gnutls_x509_crq_set_key(crq, key); },
                        [&] { return gnutls_x509_crq_sign2(crq, key, GNUTLS_DIG_SHA256, 0); });
  if (!done) return tl::unexpected(done.error());
  gnutls_datum_t pem{};
  const int error = gnutls_x509_crq_export2(crq, GNUTLS_X509_FMT_PEM, &pem);
  return take_pem(error, pem);
}

// The key that a request is for; null if it cannot be read.
PublicKey key_of(gnutls_x509_crq_t request) {
  gnutls_pubkey_t made = nullptr;
  if (gnutls_pubkey_init(&made) != 0) return nullptr;
  PublicKey key(made);
  return gnutls_pubkey_import_x509_crq(made, request, 0) == 0 ? std::move(key) : nullptr;
}

bool is_p256(gnutls_pubkey_t key) {
  gnutls_ecc_curve_t curve = GNUTLS_ECC_CURVE_INVALID;
  return gnutls_pubkey_export_ecc_raw2(key, &curve, nullptr, nullptr, 0) == 0 &&
         curve == GNUTLS_ECC_CURVE_SECP256R1;
}

// Checked: signed by its own key, which is ECDSA P-256.
Result<Request> read_request(const std::string& pem) {
  auto request = new_request();
  if (!request) return request;
  const gnutls_datum_t datum = datum_of(pem);
  const int error = gnutls_x509_crq_import(request->get(), &datum, GNUTLS_X509_FMT_PEM);
  if (error != 0) {
    return fail(std::string("reading a certificate request: ") + gnutls_strerror(error));
  }
  const PublicKey key = key_of(request->get());
  if (!key || !is_p256(key.get())) {
    return fail("reading a certificate request: its key is not an ECDSA P-256 key");
  }
  if (gnutls_x509_crq_verify(request->get(), 0) != 0) {
    return fail("reading a certificate request: it is not signed by the key that it is for");
  }
  return request;
}

Result<Certificate> read_certificate(const std::string& pem) {
  Certificate certificate = new_certificate();
  if (!certificate) return fail("reading a certificate: no memory");
  const gnutls_datum_t datum = datum_of(pem);
  const int error = gnutls_x509_crt_import(certificate.get(), &datum, GNUTLS_X509_FMT_PEM);
  if (error != 0) return fail(std::string("reading a certificate: ") + gnutls_strerror(error));
  return certificate;
}

std::chrono::sys_seconds to_seconds(std::time_t time) {
  return std::chrono::sys_seconds(std::chrono::seconds(time));
}

Result<void> check_identity(const DeviceIdentity& identity) {
  constexpr std::size_t kMaxCommonName = 64;
  constexpr std::size_t kMaxSerial = 20;
  const auto& serial = identity.serial;
  if (identity.common_name.empty() || identity.common_name.size() > kMaxCommonName) {
    return fail("making a certificate: a name has 1 to 64 characters");
  }
  if (serial.empty() || serial.size() > kMaxSerial || (serial[0] & 0x80) != 0 ||
      std::ranges::all_of(serial, [](std::uint8_t byte) { return byte == 0; })) {
    return fail("making a certificate: a serial number is positive and has at most 20 bytes");
  }
  if (identity.not_after <= identity.not_before) {
    return fail("making a certificate: it would end before it begins");
  }
  return {};
}

Result<Certificate> unsigned_certificate(gnutls_pubkey_t key, const DeviceIdentity& identity) {
  Certificate certificate = new_certificate();
  if (!certificate) return fail("making a certificate: no memory");
  gnutls_x509_crt_t crt = certificate.get();
  const std::string& name = identity.common_name;
  std::uint8_t key_id[64];
  std::size_t key_id_size = sizeof key_id;
  auto done = check_all(
      [&] { return gnutls_x509_crt_set_pubkey(crt, key); },
      [&] { return gnutls_x509_crt_set_version(crt, 3); },
      [&] {
        return gnutls_x509_crt_set_serial(crt, identity.serial.data(), identity.serial.size());
      },
      [&] { return gnutls_x509_crt_set_activation_time(crt, to_native(identity.not_before)); },
      [&] { return gnutls_x509_crt_set_expiration_time(crt, to_native(identity.not_after)); },
      [&] {
        return gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name.data(),
                                             size_of(name));
      },
      [&] { return gnutls_x509_crt_get_key_id(crt, 0, key_id, &key_id_size); },
      [&] { return gnutls_x509_crt_set_subject_key_id(crt, key_id, key_id_size); },
      [&] { return gnutls_x509_crt_set_basic_constraints(crt, 0, -1); },
      [&] { return gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE); },
      [&] { return gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_CLIENT, 0); });
  for (const std::string& uri : identity.uris) {
    if (!done) break;
    done = check_making(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_URI, uri.data(),
                                                             size_of(uri), GNUTLS_FSAN_APPEND));
  }
  if (!done) return tl::unexpected(done.error());
  return certificate;
}

}  // namespace

Result<KeyAndRequest> make_key_and_csr(const std::string& name) {
  auto key = new_private_key();
  if (!key) return tl::unexpected(key.error());
  auto key_pem = pem_of(key->get());
  if (!key_pem) return tl::unexpected(key_pem.error());
  auto request = make_request(key->get(), name);
  if (!request) return tl::unexpected(request.error());
  return KeyAndRequest{std::move(*key_pem), std::move(*request)};
}

Result<std::string> make_csr(const std::string& key_pem, const std::string& name) {
  auto key = read_key(key_pem);
  if (!key) return tl::unexpected(key.error());
  return make_request(key->get(), name);
}

Result<void> check_private_key(const std::string& key_pem) {
  const auto key = read_key(key_pem);
  if (!key) return tl::unexpected(key.error());
  return {};
}

Result<KeyPin> csr_key_pin(const std::string& request_pem) {
  auto request = read_request(request_pem);
  if (!request) return tl::unexpected(request.error());
  KeyPin pin;
  std::size_t size = pin.size();
  if (gnutls_x509_crq_get_key_id(request->get(), GNUTLS_KEYID_USE_SHA256, pin.data(), &size) != 0) {
    return fail("reading a certificate request: its key cannot be read");
  }
  return pin;
}

Result<std::string> sign_device_certificate(const std::string& ca_pem,
                                            const std::string& ca_key_pem,
                                            const std::string& request_pem,
                                            const DeviceIdentity& identity) {
  if (auto sound = check_identity(identity); !sound) return tl::unexpected(sound.error());
  auto request = read_request(request_pem);
  if (!request) return tl::unexpected(request.error());
  auto authority = read_certificate(ca_pem);
  if (!authority) return fail("the authority", authority.error());
  auto authority_key = read_key(ca_key_pem);
  if (!authority_key) return fail("the authority", authority_key.error());
  auto certificate = unsigned_certificate(key_of(request->get()).get(), identity);
  if (!certificate) return tl::unexpected(certificate.error());
  auto done = sign(certificate->get(), authority->get(), authority_key->get());
  if (!done) return tl::unexpected(done.error());
  return pem_of(certificate->get());
}

Result<Validity> validity_of(const std::string& pem) {
  const auto certificate = read_certificate(pem);
  if (!certificate) return tl::unexpected(certificate.error());
  return Validity{to_seconds(gnutls_x509_crt_get_activation_time(certificate->get())),
                  to_seconds(gnutls_x509_crt_get_expiration_time(certificate->get()))};
}

}  // namespace oneping::quic
