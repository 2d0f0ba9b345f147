// Enrolment: an enrolment key turns somebody's machine into a device. Drafts only; who signs its
// certificate is the registrar's business.
#pragma once

#include <string>

#include "control/address_pool.h"
#include "control/rules.h"

namespace oneping::control {

struct EnrolmentInput {
  std::string key;       // its text
  SecretHash key_pin{};  // of the device's own key, which never leaves the device
  std::string name;      // what it would like to be called; empty: "device-ID"
};

// The new device, with the user and the tags of the enrolment key and addresses from the pools. A
// name that is taken gets a number. Forbidden if the key does not open anything, or no more.
[[nodiscard]] Outcome<Id> enrol_device(Draft& draft, const EnrolmentInput& input,
                                       const AddressPools& pools);

}  // namespace oneping::control
