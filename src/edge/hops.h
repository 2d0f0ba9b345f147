// The first hops of the way to an address, as the edge knows them: for the device that asks.
#pragma once

#include "edge/config.h"
#include "edge/tunnel_table.h"
#include "masque/device_messages.h"

namespace oneping::edge {

[[nodiscard]] masque::HopsAnswer hops_towards(const IpAddress& to, const Identity& who,
                                              const Routing& routing, const TunnelTable& tunnels,
                                              const EdgeConfig& config);

}  // namespace oneping::edge
