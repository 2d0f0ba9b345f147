// Refusals as RFC 9457 has them; see also problem() in api.h.
#pragma once

#include "control/api.h"
#include "control/outcome.h"

namespace oneping::control {

[[nodiscard]] ApiResponse problem_of(const Refusal& refusal);

}  // namespace oneping::control
