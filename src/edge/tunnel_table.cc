#include "edge/tunnel_table.h"

#include <algorithm>

namespace oneping::edge {

namespace {

// Lower is better.
int rank(const LiveConnection& live) {
  if (live.connection->is_draining()) return 2;
  return live.health.is_suspect() ? 1 : 0;
}

}  // namespace

void TunnelTable::configure(const std::vector<TunnelConfig>& tunnels) {
  for (Tunnel& tunnel : tunnels_) tunnel.removed = true;
  std::vector<Route> routes;
  for (const TunnelConfig& config : tunnels) {
    auto target = find_tunnel(config.id);
    if (!target) {
      target = static_cast<RouteTarget>(tunnels_.size());
      tunnels_.emplace_back();
    }
    tunnels_[*target].config = config;
    tunnels_[*target].removed = false;
    for (const Prefix& prefix : config.routes) routes.push_back({prefix, *target});
  }
  routes_ = RouteTable(routes);
}

std::optional<RouteTarget> TunnelTable::find_tunnel(const Uuid& id) const {
  const auto found = std::find_if(tunnels_.begin(), tunnels_.end(),
                                  [&](const Tunnel& t) { return t.config.id == id; });
  if (found == tunnels_.end()) return std::nullopt;
  return static_cast<RouteTarget>(found - tunnels_.begin());
}

ConnectionRef TunnelTable::add(RouteTarget tunnel, tunnel::EdgeConnection& connection) {
  auto place = std::find_if(places_.begin(), places_.end(),
                            [](const LiveConnection& l) { return l.connection == nullptr; });
  if (place == places_.end()) place = places_.emplace(places_.end());
  *place = {.connection = &connection,
            .generation = place->generation + 1,
            .tunnel = tunnel,
            .health = {}};
  const ConnectionRef ref{static_cast<std::uint32_t>(place - places_.begin()), place->generation};
  tunnels_[tunnel].connections.push_back(ref);
  return ref;
}

void TunnelTable::remove(ConnectionRef ref) {
  LiveConnection* live = find(ref);
  if (live == nullptr) return;
  std::erase(tunnels_[live->tunnel].connections, ref);
  live->connection = nullptr;
}

LiveConnection* TunnelTable::find(ConnectionRef ref) {
  if (ref.place >= places_.size()) return nullptr;
  LiveConnection& live = places_[ref.place];
  return live.connection != nullptr && live.generation == ref.generation ? &live : nullptr;
}

std::optional<ConnectionRef> TunnelTable::choose(RouteTarget tunnel, ConnectionRef current,
                                                 std::size_t hash) {
  const LiveConnection* now_used = find(current);
  if (now_used != nullptr && now_used->tunnel == tunnel && rank(*now_used) == 0) return current;
  const auto& connections = tunnels_[tunnel].connections;
  std::optional<ConnectionRef> best;
  int best_rank = 0;
  for (std::size_t i = 0; i < connections.size(); ++i) {
    const ConnectionRef ref = connections[(hash + i) % connections.size()];
    const int its_rank = rank(*find(ref));
    if (!best || its_rank < best_rank) {
      best = ref;
      best_rank = its_rank;
    }
  }
  return best;
}

}  // namespace oneping::edge
