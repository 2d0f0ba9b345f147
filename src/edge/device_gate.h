// Where devices come in: owns their connections, knows who is online, and keeps every session as
// the control plane's snapshot says.
//
// Anybody can connect. Connections without a session are few and short-lived, whatever they ask:
// they wait in a room of their own where the one who has waited longest makes way, strangers before
// those who have proved to be a device, so they can never keep devices out.
#pragma once

#include <memory>
#include <unordered_map>
#include <vector>

#include "base/slots.h"
#include "base/token_bucket.h"
#include "edge/config.h"
#include "edge/device_connection.h"
#include "edge/device_registrar.h"
#include "edge/edge_events.h"
#include "edge/packet_path.h"
#include "forward/address_limiter.h"

namespace oneping::edge {

class DeviceGate {
 public:
  // `events` and `registrar` may be null: then nobody hears, and nobody can enrol. All others must
  // outlive it.
  DeviceGate(const EdgeConfig& config, PacketPath& packets, TunnelTable& tunnels, Random& random,
             EdgeEvents* events, DeviceRegistrar* registrar);
  ~DeviceGate();

  [[nodiscard]] quic::ConnectionEvents& on_connection(quic::Connection& connection, Time now);

  // There is a new snapshot: sessions follow it at the next run().
  void on_snapshot() { is_reviewed_ = false; }
  // Once a turn.
  void run(Time now);
  // At every tick.
  void on_time(Time now);
  // Closes every connection.
  void shut_down();

  [[nodiscard]] std::vector<DeviceSessionStatus> status(Time now) const;
  [[nodiscard]] std::size_t connections() const { return connections_.size(); }
  [[nodiscard]] std::size_t devices_online() const { return sessions_.size(); }
  [[nodiscard]] std::uint64_t sessions_opened() const { return sessions_opened_; }
  [[nodiscard]] std::uint64_t sessions_refused() const { return sessions_refused_; }

 private:
  friend class DeviceConnection;

  // What the connections need of it.
  [[nodiscard]] const Snapshot& snapshot() const { return packets_.clients().snapshot(); }
  [[nodiscard]] const masque::AdvertisedRoutes& routes_of(NetworkId network);
  [[nodiscard]] bool may_open_session(DeviceId device) const;
  // For one more connection without a session.
  void make_room();
  void on_session_open(DeviceId device);
  void on_session_closed(DeviceId device);
  // Out of the table now; destroyed at the next run(), since this may be one of its own events.
  void retire(DeviceConnectionRef ref);

  const EdgeConfig& config_;
  PacketPath& packets_;
  TunnelTable& tunnels_;
  EdgeEvents* events_;
  DeviceRegistrar* registrar_;

  Slots<std::unique_ptr<DeviceConnection>> connections_;
  std::vector<std::unique_ptr<DeviceConnection>> graveyard_;
  std::unordered_map<DeviceId, std::size_t> sessions_;  // by device, of those that have any

  bool is_reviewed_ = true;
  Time next_review_{};
  std::shared_ptr<const Routing> advertised_;  // of which `advertisements_` are
  std::unordered_map<NetworkId, masque::AdvertisedRoutes> advertisements_;

  // Anybody can connect and ask: how often he is logged and heard is limited.
  TokenBucket strangers_logged_{1, 10};
  AddressLimiter enrolments_;
  std::uint64_t sessions_opened_ = 0;
  std::uint64_t sessions_refused_ = 0;
};

}  // namespace oneping::edge
