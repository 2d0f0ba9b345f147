// Makes devices known, and gives them their certificates: the control plane's part in enrolment.
// The edge asks it, for whoever comes with an enrolment key.
#pragma once

#include <functional>
#include <string>

#include "edge/identity.h"
#include "masque/device_messages.h"
#include "tl/expected.hpp"

namespace oneping::edge {

struct RegistrarRefusal {
  int status = 403;    // HTTP's
  std::string reason;  // a sentence for the device's user
};

template <typename Answer>
using RegistrarDone = std::function<void(tl::expected<Answer, RegistrarRefusal>)>;

// `done` is called once, on the edge's thread: within the call, or later.
class DeviceRegistrar {
 public:
  virtual ~DeviceRegistrar() = default;
  virtual void enrol(masque::EnrolRequest request, RegistrarDone<masque::EnrolAnswer> done) = 0;
  virtual void renew(DeviceId device, masque::RenewRequest request,
                     RegistrarDone<masque::RenewAnswer> done) = 0;
};

}  // namespace oneping::edge
