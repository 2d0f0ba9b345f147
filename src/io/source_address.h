// From which of this host's addresses packets leave.
#pragma once

#include <optional>

#include "wire/ip_address.h"

namespace oneping {

// The address that packets to `destination` leave with; nothing if there is no route. Asks the
// kernel.
[[nodiscard]] std::optional<IpAddress> source_towards(const IpAddress& destination);

}  // namespace oneping
