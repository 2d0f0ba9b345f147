#include "app/device_tls.h"

#include "masque/device_messages.h"

namespace oneping {

Result<std::shared_ptr<const quic::TlsContext>> make_device_tls(
    const std::string& key_pem, const device::CertificateChain& certificate) {
  return quic::TlsContext::client({.server_name = masque::kEdgeServerName,
                                   .alpn = {masque::kDeviceAlpn},
                                   .ca_pem = certificate.authority,
                                   .certificate_pem = certificate.leaf + certificate.authority,
                                   .key_pem = key_pem});
}

Result<std::shared_ptr<const quic::TlsContext>> make_enrolment_tls(
    const masque::EnrolmentKey& key) {
  return quic::TlsContext::client({.server_name = masque::kEdgeServerName,
                                   .alpn = {masque::kDeviceAlpn},
                                   .pins = {key.authority_pin}});
}

device::WallTime time_of_day() {
  return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

}  // namespace oneping
