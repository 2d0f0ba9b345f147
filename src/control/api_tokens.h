// Tokens that open the API to programs: drafts of their changes.
#pragma once

#include <string>

#include "control/reference.h"
#include "control/rules.h"

namespace oneping::control {

struct ApiTokenInput {
  std::optional<std::string> name;
  std::optional<Role> role;  // nothing: read
  Clearable<Timestamp> expires;
};

// The token goes into `text`, and nowhere else.
[[nodiscard]] Outcome<Id> create_api_token(Draft& draft, const ApiTokenInput& input,
                                           std::string& text);
[[nodiscard]] Outcome<Id> delete_api_token(Draft& draft, const Reference& which);

}  // namespace oneping::control
