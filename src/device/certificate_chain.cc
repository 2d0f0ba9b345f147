#include "device/certificate_chain.h"

#include <string_view>
#include <vector>

#include "quic/peer_certificate.h"

namespace oneping::device {

namespace {

constexpr std::string_view kBegin = "-----BEGIN CERTIFICATE-----";
constexpr std::string_view kEnd = "-----END CERTIFICATE-----";
constexpr std::size_t kMaxCertificates = 8;

std::vector<std::string> certificates_in(std::string_view pem) {
  std::vector<std::string> all;
  while (all.size() < kMaxCertificates) {
    const auto begin = pem.find(kBegin);
    if (begin == pem.npos) break;
    const auto end = pem.find(kEnd, begin);
    if (end == pem.npos) break;
    all.push_back(std::string(pem.substr(begin, end + kEnd.size() - begin)) + '\n');
    pem.remove_prefix(end + kEnd.size());
  }
  return all;
}

}  // namespace

Result<CertificateChain> read_chain(const std::string& pem, const quic::KeyPin& ours,
                                    const quic::KeyPin& authority) {
  const auto certificates = certificates_in(pem);
  if (certificates.size() < 2) return fail("the edge sent no certificate with its authority");
  const auto key = quic::key_pin(certificates.front());
  const auto validity = quic::validity_of(certificates.front());
  if (!key) return tl::make_unexpected(key.error());
  if (!validity) return tl::make_unexpected(validity.error());
  if (*key != ours) return fail("the edge sent a certificate for another key than the device's");
  for (std::size_t i = 1; i < certificates.size(); ++i) {
    const auto pin = quic::key_pin(certificates[i]);
    if (pin && *pin == authority) {
      return CertificateChain{certificates.front(), certificates[i], *validity};
    }
  }
  return fail("the edge sent a certificate of another authority than the one that it proved");
}

}  // namespace oneping::device
