// How a fuzz target says that something must hold: the input for which it does not is a finding.
#pragma once

#include <cstdlib>

namespace oneping {

inline void require(bool holds) {
  if (!holds) std::abort();
}

}  // namespace oneping
