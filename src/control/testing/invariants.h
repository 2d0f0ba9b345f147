// What holds of the control plane whatever was asked of it.
#pragma once

#include <string>

#include "control/testing/world.h"

namespace oneping::control::testing {

// The first thing that does not hold; empty if everything does: references resolve, names are
// unique, positions go 1, 2, 3, …, memory and store agree, and the snapshot is what making it from
// nothing gives.
[[nodiscard]] std::string broken_invariant(World& world);

}  // namespace oneping::control::testing
