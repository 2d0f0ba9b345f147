// What the kernel knows of the way to a destination can be asked of a socket that is connected to
// it.
#pragma once

#include "io/fd.h"
#include "wire/ip_address.h"

namespace oneping {

// A UDP socket connected to it, which looks up the route and sends nothing. None if there is no
// route.
[[nodiscard]] Fd probe_route(const IpAddress& destination);

}  // namespace oneping
