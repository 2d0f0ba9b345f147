// What the control plane has decided: tunnels, routes, policies, identities. Immutable and shared:
// it is made on another thread, and the edge swaps pointers (Edge::apply). A part that has not
// changed keeps its pointer, by which the edge sees what it has to look at again.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/uuid.h"
#include "edge/identity.h"
#include "forward/policy.h"
#include "forward/route_table.h"
#include "tunnel/path_mode.h"

namespace oneping::edge {

using SecretHash = std::array<std::uint8_t, 32>;  // SHA-256

struct TunnelConfig {
  std::string name;
  Uuid id{};
  std::string account;  // what the token calls the account tag
  // Any of them opens the tunnel: the token's, and for a while the one before it. None: nobody can
  // register. The secrets themselves are nowhere kept.
  std::vector<SecretHash> secrets;
  tunnel::PathMode path = tunnel::PathMode::full;  // its connectors are told
};

// Tunnels and the routes to them: a RouteTarget is a place in `tunnels`.
struct Routing {
  std::vector<std::shared_ptr<const TunnelConfig>> tunnels;
  std::unordered_map<NetworkId, RouteTable> networks;
  // The same prefixes, sorted: what an edge's host sends into its TUN device.
  std::unordered_map<NetworkId, std::vector<Prefix>> prefixes;
};

// No pointer is null.
struct Snapshot {
  std::shared_ptr<const Routing> routing = std::make_shared<Routing>();
  std::shared_ptr<const PolicyTable> policies = std::make_shared<PolicyTable>();
  std::shared_ptr<const Identities> identities = std::make_shared<Identities>();
};

}  // namespace oneping::edge
