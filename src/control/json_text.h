// JSON from strangers: parsed within bounds, or refused with what is wrong.
#pragma once

#include <string_view>

#include "control/describe.h"
#include "control/outcome.h"

namespace oneping::control {

// Nested 32 deep at most, no object of more than 100 fields, in UTF-8.
[[nodiscard]] Outcome<Json> parse_json(std::string_view text);

}  // namespace oneping::control
