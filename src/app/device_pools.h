// Where the virtual addresses of devices come from.
#pragma once

#include "app/edge_options.h"
#include "control/address_pool.h"
#include "quic/peer_certificate.h"

namespace oneping {

// As configured; without an IPv6 prefix a unique local one (RFC 4193) that follows from the edge's
// authority, so that it is this edge's own and stays the same. The edge's own addresses are kept.
[[nodiscard]] control::AddressPools device_pools(const EdgeOptions& options,
                                                 const quic::KeyPin& authority);

}  // namespace oneping
