// Takes the copy of the tunnels' state that people are shown.
#pragma once

#include <vector>

#include "edge/status.h"
#include "edge/tunnel_table.h"

namespace oneping::edge {

// Tunnels that have or had connections.
[[nodiscard]] std::vector<TunnelStatus> status_of(const TunnelTable& tunnels, Time now);

}  // namespace oneping::edge
