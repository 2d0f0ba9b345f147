// The tunnels, their routes, and the connections that serve them now.
//
// A connection is named by a ConnectionRef, which stays safe to hold after the connection is gone.
// The table does not own EdgeConnections; the edge adds them when they have registered and removes
// them before it destroys them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "edge/config.h"
#include "edge/connection_health.h"
#include "forward/route_table.h"
#include "tunnel/edge_connection.h"

namespace oneping::edge {

// A place in the table and how often it had been used before.
struct ConnectionRef {
  std::uint32_t place = ~std::uint32_t{0};
  std::uint32_t generation = 0;
  friend bool operator==(const ConnectionRef&, const ConnectionRef&) = default;
};

struct LiveConnection {
  tunnel::EdgeConnection* connection = nullptr;  // null: the place is free
  std::uint32_t generation = 0;
  RouteTarget tunnel = 0;
  ConnectionHealth health;
};

struct Tunnel {
  TunnelConfig config;
  bool removed = false;  // no longer in the configuration; its number is not used again
  std::vector<ConnectionRef> connections;
};

class TunnelTable {
 public:
  // Takes a new configuration: tunnels keep their number (found by id) and their connections; those
  // that are gone are marked removed. Routes are swapped whole.
  void configure(const std::vector<TunnelConfig>& tunnels);

  [[nodiscard]] std::optional<RouteTarget> find_route(const IpAddress& destination) const {
    return routes_.lookup(destination);
  }
  [[nodiscard]] std::optional<RouteTarget> find_tunnel(const Uuid& id) const;
  [[nodiscard]] const Tunnel& tunnel(RouteTarget target) const { return tunnels_[target]; }
  [[nodiscard]] const std::vector<Tunnel>& tunnels() const { return tunnels_; }

  ConnectionRef add(RouteTarget tunnel, tunnel::EdgeConnection& connection);
  void remove(ConnectionRef ref);

  // Null when it is gone.
  [[nodiscard]] LiveConnection* find(ConnectionRef ref);
  [[nodiscard]] const std::vector<LiveConnection>& places() const { return places_; }
  [[nodiscard]] std::vector<LiveConnection>& places() { return places_; }

  // The connection for a flow of this tunnel: `current` while it is good, else another, spread by
  // `hash`. Draining and suspect connections are taken only when there is no better one. Nothing
  // when the tunnel has no connection.
  [[nodiscard]] std::optional<ConnectionRef> choose(RouteTarget tunnel, ConnectionRef current,
                                                    std::size_t hash);

 private:
  std::vector<Tunnel> tunnels_;
  RouteTable routes_;
  std::vector<LiveConnection> places_;
};

}  // namespace oneping::edge
