#include "quic/certificate.h"

namespace oneping::quic {

Certificate new_certificate() {
  gnutls_x509_crt_t made = nullptr;
  if (gnutls_x509_crt_init(&made) != 0) return nullptr;
  return Certificate(made);
}

Result<PrivateKey> new_private_key() {
  gnutls_x509_privkey_t made = nullptr;
  if (auto done = check_making(gnutls_x509_privkey_init(&made)); !done) {
    return tl::unexpected(done.error());
  }
  PrivateKey key(made);
  const auto bits = static_cast<unsigned>(GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1));
  auto done = check_making(gnutls_x509_privkey_generate(key.get(), GNUTLS_PK_ECDSA, bits, 0));
  if (!done) return tl::unexpected(done.error());
  return key;
}

Result<void> check_making(int error) {
  if (error < 0) return fail(std::string("making a certificate: ") + gnutls_strerror(error));
  return {};
}

Result<std::string> take_pem(int error, gnutls_datum_t pem) {
  if (auto done = check_making(error); !done) return tl::unexpected(done.error());
  std::string text(reinterpret_cast<const char*>(pem.data), pem.size);
  gnutls_free(pem.data);
  return text;
}

Result<std::string> pem_of(gnutls_x509_crt_t certificate) {
  gnutls_datum_t pem{};
  const int error = gnutls_x509_crt_export2(certificate, GNUTLS_X509_FMT_PEM, &pem);
  return take_pem(error, pem);
}

Result<std::string> pem_of(gnutls_x509_privkey_t key) {
  gnutls_datum_t pem{};
  const int error =
      gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, nullptr, GNUTLS_PKCS_PLAIN, &pem);
  return take_pem(error, pem);
}

Result<void> sign(gnutls_x509_crt_t certificate, gnutls_x509_crt_t authority,
                  gnutls_x509_privkey_t authority_key) {
  std::uint8_t signer_id[64];
  std::size_t signer_id_size = sizeof signer_id;
  return check_all(
      [&] {
        return gnutls_x509_crt_get_subject_key_id(authority, signer_id, &signer_id_size, nullptr);
      },
      [&] { return gnutls_x509_crt_set_authority_key_id(certificate, signer_id, signer_id_size); },
      [&] {
        return gnutls_x509_crt_sign2(certificate, authority, authority_key, GNUTLS_DIG_SHA256, 0);
      });
}

std::optional<KeyPin> key_pin_of(gnutls_x509_crt_t certificate) {
  KeyPin pin;
  std::size_t size = pin.size();
  // This key id is the SHA-256 of the SubjectPublicKeyInfo.
  if (gnutls_x509_crt_get_key_id(certificate, GNUTLS_KEYID_USE_SHA256, pin.data(), &size) != 0 ||
      size != pin.size()) {
    return std::nullopt;
  }
  return pin;
}

Result<KeyPin> key_pin(const std::string& pem) {
  const Certificate certificate = new_certificate();
  if (!certificate) return fail("reading a certificate: no memory");
  const gnutls_datum_t datum = datum_of(pem);
  if (const int error = gnutls_x509_crt_import(certificate.get(), &datum, GNUTLS_X509_FMT_PEM);
      error != 0) {
    return fail(std::string("reading a certificate: ") + gnutls_strerror(error));
  }
  const auto pin = key_pin_of(certificate.get());
  if (!pin) return fail("reading a certificate: its key cannot be read");
  return *pin;
}

}  // namespace oneping::quic
