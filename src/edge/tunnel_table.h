// The tunnels of the snapshot, and the connectors and connections that serve them now.
//
// Tunnels and connections are named by references that stay safe to hold after they have gone. The
// table does not own EdgeConnections; the edge adds them when they have registered and removes them
// before it destroys them.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "base/slots.h"
#include "edge/snapshot.h"
#include "edge/status.h"
#include "quic/connection_health.h"
#include "tunnel/announcement.h"
#include "tunnel/edge_connection.h"

namespace oneping::edge {

struct LiveTunnel;
struct LiveConnection;
using TunnelRef = SlotRef<LiveTunnel>;
using ConnectionRef = SlotRef<LiveConnection>;

struct LiveConnection {
  tunnel::EdgeConnection* connection = nullptr;  // never null
  TunnelRef tunnel;
  Time registered{};
  quic::ConnectionHealth health;
  std::array<bool, 2> has_replied{};  // by family: an echo reply has come by it
  // A foreign connector does not say; it carries sessions, and takes no payload with a
  // registration.
  tunnel::UdpCarriage udp = tunnel::UdpCarriage::sessions;
  bool takes_first_payload = false;
};

// A connector process, while it has connections.
struct LiveConnector {
  Uuid id{};
  tunnel::Announcement announcement;
  std::size_t most_connections = 0;   // at once
  std::array<bool, 2> has_replied{};  // by family
  std::vector<ConnectionRef> connections;
  std::size_t turn = 0;  // grows with each flow that it is given

  // How many connections it means to have.
  [[nodiscard]] std::size_t wanted() const {
    return announcement.connections.value_or(most_connections);
  }
};

struct LiveTunnel {
  std::shared_ptr<const TunnelConfig> config;
  std::vector<LiveConnector> connectors;
  bool was_connected = false;  // since this edge started
  TunnelHealth health = TunnelHealth::inactive;
  Time up_since{};  // while it is neither inactive nor down
  std::size_t turn = 0;
};

class TunnelTable {
 public:
  // Takes the tunnels of a snapshot: those that are known by their id keep their connections. The
  // places of those that are gone are used again; their connections are the caller's to remove.
  void configure(const Routing& routing);

  // The tunnel that a route leads to. `target` is of the routing configured last.
  [[nodiscard]] TunnelRef target(RouteTarget target) const { return targets_[target]; }
  [[nodiscard]] std::optional<TunnelRef> find_tunnel(const Uuid& id) const;

  // A connection that registers now.
  ConnectionRef add(TunnelRef tunnel, const tunnel::Registration& registration,
                    tunnel::EdgeConnection& connection, Time now);
  void remove(ConnectionRef connection);

  [[nodiscard]] Slots<LiveTunnel>& tunnels() { return tunnels_; }
  [[nodiscard]] const Slots<LiveTunnel>& tunnels() const { return tunnels_; }
  [[nodiscard]] Slots<LiveConnection>& connections() { return connections_; }
  [[nodiscard]] const Slots<LiveConnection>& connections() const { return connections_; }

  // The connection for a flow of this tunnel: `current` while there is no better one, else the next
  // in turn of the next connector in turn, so that flows spread evenly. Silent and draining
  // connections, and those beside a silent one, are taken only when there is no other. Nothing when
  // there is none.
  [[nodiscard]] std::optional<ConnectionRef> choose(TunnelRef tunnel, ConnectionRef current);

  // An echo reply of this family has come by the connection.
  void note_reply(LiveConnection& connection, IpFamily family);

 private:
  [[nodiscard]] LiveConnector* connector_of(const LiveConnection& connection);
  [[nodiscard]] int rank(ConnectionRef connection) const;
  [[nodiscard]] int rank(const LiveConnector& connector) const;

  struct HashUuid {
    std::size_t operator()(const Uuid& id) const {
      return load_be64(id.data()) ^ load_be64(&id[8]);
    }
  };
  Slots<LiveTunnel> tunnels_;
  Slots<LiveConnection> connections_;
  std::unordered_map<Uuid, TunnelRef, HashUuid> by_id_;
  std::vector<std::shared_ptr<const TunnelConfig>> configured_;
  std::vector<TunnelRef> targets_;  // beside configured_
};

}  // namespace oneping::edge
