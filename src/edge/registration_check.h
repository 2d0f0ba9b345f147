// Whether a registration proves its tunnel: the right id, account and secret.
#pragma once

#include "base/result.h"
#include "edge/tunnel_table.h"

namespace oneping::edge {

// The tunnel, or why not, in words that the connector's operator may see: they do not tell an
// unknown tunnel from a wrong secret.
[[nodiscard]] Result<RouteTarget> check_registration(const tunnel::Registration& registration,
                                                     const TunnelTable& tunnels);

}  // namespace oneping::edge
