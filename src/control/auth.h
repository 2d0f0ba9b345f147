// Who asks, and what he may.
#pragma once

#include <string>

#include "control/api.h"
#include "control/directory.h"
#include "control/outcome.h"

namespace oneping::control {

struct Caller {
  Role role = Role::read;
  std::string actor;  // for the audit log
};

// By the Unix socket, whose file says who may open it: an admin. By TCP: whoever his token says.
[[nodiscard]] Outcome<Caller> authenticate(const ApiRequest& request, const Directory& directory,
                                           Timestamp now);

}  // namespace oneping::control
