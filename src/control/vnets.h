// Virtual networks: drafts of their changes.
#pragma once

#include "control/reference.h"
#include "control/rules.h"

namespace oneping::control {

struct VnetInput {
  std::optional<std::string> name;
  Clearable<std::string> comment;
};

[[nodiscard]] Outcome<Id> create_vnet(Draft& draft, const VnetInput& input);
[[nodiscard]] Outcome<Id> update_vnet(Draft& draft, const Reference& which, const VnetInput& input);
// Refused for the default one, and while something is in it.
[[nodiscard]] Outcome<Id> delete_vnet(Draft& draft, const Reference& which);

}  // namespace oneping::control
