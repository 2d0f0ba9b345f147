// Devices: drafts of their changes. They come by enrolment, and an ingress from the edge's own
// configuration.
#pragma once

#include <vector>

#include "control/reference.h"
#include "control/rules.h"

namespace oneping::control {

struct DeviceInput {
  std::optional<std::string> name;
  Clearable<Reference> user;
  Clearable<std::vector<std::string>> tags;
  std::optional<Reference> vnet;
};

// Refused for an ingress.
[[nodiscard]] Outcome<Id> update_device(Draft& draft, const Reference& which,
                                        const DeviceInput& input);
// Nothing of a revoked device is carried.
[[nodiscard]] Outcome<Id> revoke_device(Draft& draft, const Reference& which);
[[nodiscard]] Outcome<Id> restore_device(Draft& draft, const Reference& which);
// Refused unless it is revoked and no policy names it, and for an ingress.
[[nodiscard]] Outcome<Id> delete_device(Draft& draft, const Reference& which);

// The ingress as the configuration has it. One of that name is brought up to date; else one of
// `spare`, which this start has not named, is renamed; else there is a new one.
[[nodiscard]] Outcome<Id> ensure_ingress(Draft& draft, const DeviceInput& input,
                                         const Directory::Ids& spare);

}  // namespace oneping::control
