#include "control/registrar.h"

#include <utility>

#include "base/log.h"
#include "control/enrolment.h"
#include "quic/device_certificate.h"

namespace oneping::control {

namespace {

tl::unexpected<edge::RegistrarRefusal> refuse(int status, std::string reason) {
  return tl::make_unexpected(edge::RegistrarRefusal{status, std::move(reason)});
}

tl::unexpected<edge::RegistrarRefusal> refuse(const Refusal& refusal) {
  switch (refusal.kind) {
    case RefusalKind::malformed:
    case RefusalKind::invalid: return refuse(400, refusal.detail);
    case RefusalKind::broken:
    case RefusalKind::unavailable: return refuse(503, refusal.detail);
    case RefusalKind::not_found:
    case RefusalKind::conflict:
    case RefusalKind::unauthorized:
    case RefusalKind::forbidden: break;
  }
  return refuse(403, refusal.detail);
}

// What policies may name the device by, as its certificate tells it. The edge asks the control
// plane each time and not the certificate, so that changes count at once.
std::vector<std::string> uris_of(const edge::Identity& identity) {
  std::vector<std::string> uris;
  for (const Subject& subject : subjects_of(identity)) {
    static constexpr const char* kWords[] = {"user", "group", "device", "tag"};
    uris.push_back(std::string("oneping:") + kWords[static_cast<std::size_t>(subject.kind)] + ":" +
                   subject.name);
  }
  return uris;
}

}  // namespace

Registrar::Registrar(Control& control, Authority authority, AddressPools pools, Random& random)
    : control_(control),
      authority_(std::move(authority)),
      pools_(std::move(pools)),
      random_(random) {}

Registrar::Result<masque::EnrolAnswer> Registrar::enrol(const masque::EnrolRequest& request) {
  const auto key_pin = quic::csr_key_pin(request.csr);
  if (!key_pin) return refuse(400, key_pin.error().message);
  Id made = 0;
  const auto id = control_.change("enrolment", [&](Draft& draft) {
    auto drafted = enrol_device(draft, {request.key, *key_pin, request.name}, pools_);
    if (drafted) made = *drafted;
    return drafted;
  });
  // One that is kept but not yet in force will be when the device comes.
  const bool is_kept = id || (id.error().kind == RefusalKind::unavailable && made != 0);
  if (!is_kept) return refuse(id.error());
  const edge::Identity identity = control_.read([&](const Directory& directory) {
    const Device* device = directory.devices().find(made);
    return device == nullptr ? edge::Identity{} : compile_identity(*device, directory);
  });
  if (identity.id == 0) return refuse(403, "the device was deleted as it enrolled");
  auto certificate = sign(identity, request.csr);
  if (!certificate) return tl::make_unexpected(certificate.error());
  return masque::EnrolAnswer{.device = identity.device,
                             .id = identity.id,
                             .certificate = std::move(*certificate),
                             .addresses = identity.addresses};
}

Registrar::Result<masque::RenewAnswer> Registrar::renew(edge::DeviceId device,
                                                        const masque::RenewRequest& request) {
  const auto key_pin = quic::csr_key_pin(request.csr);
  if (!key_pin) return refuse(400, key_pin.error().message);
  const edge::Identity identity = control_.read([&](const Directory& directory) {
    const Device* known = directory.devices().find(device);
    return known == nullptr ? edge::Identity{} : compile_identity(*known, directory);
  });
  if (identity.id == 0 || identity.revoked) return refuse(403, "the device may not come back");
  if (identity.key_pin != *key_pin) {
    return refuse(403, "the request is for another key than the device's own: enrol anew for that");
  }
  auto certificate = sign(identity, request.csr);
  if (!certificate) return tl::make_unexpected(certificate.error());
  log::info("the certificate of device {} is renewed", identity.device);
  return masque::RenewAnswer{.certificate = std::move(*certificate)};
}

Registrar::Result<std::string> Registrar::sign(const edge::Identity& identity,
                                               const std::string& csr) {
  std::vector<std::uint8_t> serial(16);
  random_.fill(serial);
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);  // positive, of full length
  const auto now = std::chrono::floor<std::chrono::seconds>(control_.now());
  auto leaf = quic::sign_device_certificate(authority_.certificate_pem, authority_.key_pem, csr,
                                            {.common_name = identity.device,
                                             .uris = uris_of(identity),
                                             .serial = std::move(serial),
                                             .not_before = now - kBackdated,
                                             .not_after = now + kLifetime});
  if (!leaf) {
    log::error("signing the certificate of device {}: {}", identity.device, leaf.error().message);
    return refuse(503, "the edge could not sign a certificate: its log says why");
  }
  return *leaf + authority_.certificate_pem;
}

}  // namespace oneping::control
