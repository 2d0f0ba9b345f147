// Whether JSON is as a schema of the OpenAPI document says: as much of JSON Schema as that uses.
#pragma once

#include <string>

#include "control/describe.h"

namespace oneping::control::testing {

// What is wrong first, with where it is; empty if nothing is.
[[nodiscard]] std::string violation(const Json& value, const Json& schema, const Json& document,
                                    const std::string& where = "$");

}  // namespace oneping::control::testing
