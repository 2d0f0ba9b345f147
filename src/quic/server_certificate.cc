#include "quic/server_certificate.h"

#include <ctime>

#include "quic/certificate.h"
#include "quic/crypto.h"
#include "wire/ip_address.h"

namespace oneping::quic {

namespace {

constexpr std::time_t kDay = std::time_t{24} * 60 * 60;
constexpr std::time_t kLifetime = 3650 * kDay;

// What an authority and a leaf have in common.
Result<Certificate> new_signed_part(gnutls_x509_privkey_t key, const std::string& common_name) {
  Certificate certificate = new_certificate();
  if (!certificate) return fail("making a certificate: no memory");
  gnutls_x509_crt_t crt = certificate.get();
  std::uint8_t serial[16];
  SecureRandom().fill(serial);
  serial[0] &= 0x7f;  // positive: RFC 5280, 4.1.2.2
  serial[0] |= 0x40;  // and of full length
  std::uint8_t key_id[64];
  std::size_t key_id_size = sizeof key_id;
  const std::time_t now = std::time(nullptr);
  auto done = check_all(
      [&] { return gnutls_x509_crt_set_version(crt, 3); },
      [&] { return gnutls_x509_crt_set_serial(crt, serial, sizeof serial); },
      [&] { return gnutls_x509_crt_set_activation_time(crt, now - kDay); },  // clocks differ
      [&] { return gnutls_x509_crt_set_expiration_time(crt, now + kLifetime); },
      [&] { return gnutls_x509_crt_set_key(crt, key); },
      [&] {
        return gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0,
                                             common_name.data(),
                                             static_cast<unsigned>(common_name.size()));
      },
      [&] { return gnutls_x509_crt_get_key_id(crt, 0, key_id, &key_id_size); },
      [&] { return gnutls_x509_crt_set_subject_key_id(crt, key_id, key_id_size); });
  if (!done) return tl::unexpected(done.error());
  return certificate;
}

Result<Certificate> make_authority(gnutls_x509_privkey_t key) {
  auto certificate = new_signed_part(key, "oneping CA");
  if (!certificate) return certificate;
  gnutls_x509_crt_t crt = certificate->get();
  auto done = check_all([&] { return gnutls_x509_crt_set_basic_constraints(crt, 1, 0); },
                        [&] {
                          return gnutls_x509_crt_set_key_usage(
                              crt, GNUTLS_KEY_KEY_CERT_SIGN | GNUTLS_KEY_CRL_SIGN);
                        },
                        [&] { return gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0); });
  if (!done) return tl::unexpected(done.error());
  return certificate;
}

int add_name(gnutls_x509_crt_t crt, const std::string& name) {
  if (const auto address = IpAddress::parse(name)) {
    const Bytes bytes = address->network_bytes();
    return gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, bytes.data(),
                                                static_cast<unsigned>(bytes.size()),
                                                GNUTLS_FSAN_APPEND);
  }
  return gnutls_x509_crt_set_subject_alt_name(
      crt, GNUTLS_SAN_DNSNAME, name.data(), static_cast<unsigned>(name.size()), GNUTLS_FSAN_APPEND);
}

Result<Certificate> make_leaf(gnutls_x509_privkey_t key, gnutls_x509_crt_t authority,
                              gnutls_x509_privkey_t authority_key,
                              const std::vector<std::string>& names) {
  auto certificate = new_signed_part(key, "oneping edge");
  if (!certificate) return certificate;
  gnutls_x509_crt_t crt = certificate->get();
  auto done = check_all(
      [&] { return gnutls_x509_crt_set_basic_constraints(crt, 0, -1); },
      [&] { return gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE); },
      [&] { return gnutls_x509_crt_set_key_purpose_oid(crt, GNUTLS_KP_TLS_WWW_SERVER, 0); },
      [&] {
        int error = 0;
        for (const std::string& name : names) error = std::min(error, add_name(crt, name));
        return error;
      });
  if (done) done = sign(crt, authority, authority_key);
  if (!done) return tl::unexpected(done.error());
  return certificate;
}

}  // namespace

Result<CertificateBundle> make_server_certificate(const std::vector<std::string>& names) {
  if (names.empty()) return fail("making a certificate: it needs at least one name");
  auto authority_key = new_private_key();
  if (!authority_key) return tl::unexpected(authority_key.error());
  auto authority = make_authority(authority_key->get());
  if (!authority) return tl::unexpected(authority.error());
  auto key = new_private_key();
  if (!key) return tl::unexpected(key.error());
  auto leaf = make_leaf(key->get(), authority->get(), authority_key->get(), names);
  if (!leaf) return tl::unexpected(leaf.error());

  auto ca_pem = pem_of(authority->get());
  auto ca_key_pem = pem_of(authority_key->get());
  auto leaf_pem = pem_of(leaf->get());
  auto key_pem = pem_of(key->get());
  for (const auto* part : {&ca_pem, &ca_key_pem, &leaf_pem, &key_pem}) {
    if (!*part) return tl::unexpected(part->error());
  }
  return CertificateBundle{*ca_pem, *ca_key_pem, *leaf_pem + *ca_pem, *key_pem};
}

}  // namespace oneping::quic
