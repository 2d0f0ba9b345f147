// Enrols devices and signs their certificates, for whoever comes to the edge: what the edge's
// DeviceRegistrar asks, on a thread where it may take its time.
#pragma once

#include <string>

#include "control/address_pool.h"
#include "control/control.h"
#include "edge/device_registrar.h"

namespace oneping::control {

// The edge's certificate authority.
struct Authority {
  std::string certificate_pem;
  std::string key_pem;  // never logged
};

class Registrar {
 public:
  // How long a certificate is good.
  static constexpr std::chrono::days kLifetime{30};
  // It is dated back, for clocks that are slow.
  static constexpr std::chrono::minutes kBackdated{10};

  template <typename Answer>
  using Result = tl::expected<Answer, edge::RegistrarRefusal>;

  // Both references must outlive it.
  Registrar(Control& control, Authority authority, AddressPools pools, Random& random);

  [[nodiscard]] Result<masque::EnrolAnswer> enrol(const masque::EnrolRequest& request);
  // For a device that has proved to be it.
  [[nodiscard]] Result<masque::RenewAnswer> renew(edge::DeviceId device,
                                                  const masque::RenewRequest& request);

 private:
  [[nodiscard]] Result<std::string> sign(const edge::Identity& identity, const std::string& csr);

  Control& control_;
  Authority authority_;
  AddressPools pools_;
  Random& random_;
};

}  // namespace oneping::control
