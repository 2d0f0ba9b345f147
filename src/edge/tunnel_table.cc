#include "edge/tunnel_table.h"

#include <algorithm>
#include <utility>

namespace oneping::edge {

namespace {

constexpr std::size_t index(IpFamily family) { return family == IpFamily::v4 ? 0 : 1; }

// The one whose turn it is among those that are as good as the best.
template <typename Items, typename Rank>
auto& take_turn(Items& items, std::size_t& turn, int best, Rank rank) {
  auto next = static_cast<std::size_t>(turn++) %
              static_cast<std::size_t>(std::ranges::count(items, best, rank));
  return *std::ranges::find_if(items,
                               [&](const auto& item) { return rank(item) == best && next-- == 0; });
}

}  // namespace

// Most changes are of routes only: then the tunnels are the very same.
void TunnelTable::configure(const Routing& routing) {
  if (routing.tunnels == configured_) return;
  configured_ = routing.tunnels;
  targets_.clear();
  std::unordered_map<Uuid, TunnelRef, HashUuid> before = std::exchange(by_id_, {});
  for (const auto& config : configured_) {
    const auto [entry, is_new] = by_id_.try_emplace(config->id);
    if (is_new) {
      const auto known = before.extract(config->id);
      entry->second = known ? known.mapped() : tunnels_.add({});
    }
    tunnels_.find(entry->second)->config = config;
    targets_.push_back(entry->second);
  }
  for (const auto& [_, gone] : before) tunnels_.remove(gone);
}

std::optional<TunnelRef> TunnelTable::find_tunnel(const Uuid& id) const {
  const auto found = by_id_.find(id);
  if (found == by_id_.end()) return std::nullopt;
  return found->second;
}

ConnectionRef TunnelTable::add(TunnelRef ref, const tunnel::Registration& registration,
                               tunnel::EdgeConnection& connection, Time now) {
  const auto announcement = tunnel::read_announcement(registration.features);
  const ConnectionRef added =
      connections_.add({.connection = &connection,
                        .tunnel = ref,
                        .registered = now,
                        .udp = announcement.udp.value_or(tunnel::UdpCarriage::sessions),
                        .takes_first_payload = announcement.udp.has_value()});
  LiveTunnel& tunnel = *tunnels_.find(ref);
  tunnel.was_connected = true;
  auto connector =
      std::ranges::find(tunnel.connectors, registration.connector_id, &LiveConnector::id);
  if (connector == tunnel.connectors.end()) {
    connector = tunnel.connectors.insert(connector, {.id = registration.connector_id});
  }
  connector->announcement = announcement;
  connector->connections.push_back(added);
  connector->most_connections =
      std::max(connector->most_connections, connector->connections.size());
  return added;
}

void TunnelTable::remove(ConnectionRef ref) {
  const LiveConnection* live = connections_.find(ref);
  if (live == nullptr) return;
  if (LiveTunnel* tunnel = tunnels_.find(live->tunnel)) {
    for (LiveConnector& connector : tunnel->connectors) std::erase(connector.connections, ref);
    std::erase_if(tunnel->connectors, [](const auto& c) { return c.connections.empty(); });
  }
  connections_.remove(ref);
}

std::optional<ConnectionRef> TunnelTable::choose(TunnelRef ref, ConnectionRef current) {
  const LiveConnection* used = connections_.find(current);
  const bool may_stay = used != nullptr && used->tunnel == ref;
  if (may_stay && rank(current) == 0) return current;
  LiveTunnel* tunnel = tunnels_.find(ref);
  if (tunnel == nullptr || tunnel->connectors.empty()) return std::nullopt;

  const auto rank_of = [this](const auto& item) { return rank(item); };
  const auto best_of = [&](const auto& items) {
    return rank(*std::ranges::min_element(items, {}, rank_of));
  };
  const auto is_as_good = [&](const LiveConnector& connector) {
    return rank(current) <= best_of(connector.connections);
  };
  if (may_stay && std::ranges::all_of(tunnel->connectors, is_as_good)) return current;
  LiveConnector& connector =
      take_turn(tunnel->connectors, tunnel->turn, best_of(tunnel->connectors), rank_of);
  return take_turn(connector.connections, connector.turn, best_of(connector.connections), rank_of);
}

// Lower is better. One that drains still answers; one that is silent has most likely gone.
int TunnelTable::rank(ConnectionRef ref) const {
  const LiveConnection& live = *connections_.find(ref);
  if (live.health.is_suspect()) return 2;
  return live.connection->is_draining() ? 1 : 0;
}

// Where one connection has fallen silent, the others may be so, too, and not have been noticed yet.
int TunnelTable::rank(const LiveConnector& connector) const {
  int best = 2;
  int worst = 0;
  for (const ConnectionRef ref : connector.connections) {
    best = std::min(best, rank(ref));
    worst = std::max(worst, rank(ref));
  }
  return worst == 2 ? std::max(best, 1) : best;
}

void TunnelTable::note_reply(LiveConnection& live, IpFamily family) {
  if (std::exchange(live.has_replied[index(family)], true)) return;
  if (LiveConnector* connector = connector_of(live)) connector->has_replied[index(family)] = true;
}

LiveConnector* TunnelTable::connector_of(const LiveConnection& live) {
  LiveTunnel* tunnel = tunnels_.find(live.tunnel);
  if (tunnel == nullptr) return nullptr;
  const auto found = std::ranges::find(
      tunnel->connectors, live.connection->registration()->connector_id, &LiveConnector::id);
  return found == tunnel->connectors.end() ? nullptr : &*found;
}

}  // namespace oneping::edge
