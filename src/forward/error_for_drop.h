// Which ICMP error tells a sender why his packet was not forwarded.
#pragma once

#include <optional>

#include "base/drop_reason.h"
#include "wire/icmp.h"

namespace oneping {

// What a hop says besides Time Exceeded and Packet Too Big, which path discovery needs and which
// are always said.
enum class Unreachables : std::uint8_t {
  tell,    // Destination Unreachable with its reason
  silent,  // nothing: traceroute shows stars
};

// Nothing for reasons about which a router keeps silent.
[[nodiscard]] std::optional<IcmpErrorCause> error_for_drop(DropReason reason, Unreachables mode);

}  // namespace oneping
