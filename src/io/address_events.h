// Tells when this host's addresses change.
#pragma once

#include "io/fd.h"

namespace oneping {

// A socket that has something to read when an address has come or gone, and perhaps at other times
// too; what it says is to be read and ignored. None, with errno, if the system refuses.
[[nodiscard]] Fd open_address_events();

}  // namespace oneping
