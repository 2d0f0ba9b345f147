// From which of this host's addresses packets leave, and how large.
#pragma once

#include <cstddef>
#include <optional>

#include "wire/ip_address.h"

namespace oneping {

// The address that packets to `destination` leave with; nothing if there is no route. Asks the
// kernel.
[[nodiscard]] std::optional<IpAddress> source_towards(const IpAddress& destination);

// The largest packet that goes there without being fragmented, as far as this host knows: its own
// link's MTU, or less if a router has said so. 0 if there is no route. Asks the kernel.
[[nodiscard]] std::size_t mtu_towards(const IpAddress& destination);

}  // namespace oneping
