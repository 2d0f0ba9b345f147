#include "edge/edge.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "edge/registration_check.h"
#include "edge/tunnel_health.h"
#include "edge/tunnel_status.h"
#include "tunnel/connector_settings.h"

namespace oneping::edge {

using namespace std::chrono_literals;

namespace {

// How often connections are looked at: the grain of ConnectionHealth and of the two below.
constexpr Duration kTick = 100ms;
// A connection that has not registered by then, from its first packet or from its refusal, is
// closed.
constexpr Duration kRegistrationTimeout = 10s;
constexpr Duration kRefusalGrace = 1s;
// Connections that have not registered.
constexpr std::size_t kMaxStrangers = 256;

// Of a session that has registered.
std::string name_of(const ConnectorSession& session) {
  const auto& registration = *session.connection.registration();
  return fmt::format("tunnel {}: connection {} of connector {}", session.tunnel->name,
                     registration.connection_index, oneping::to_string(registration.connector_id));
}

}  // namespace

Edge::Edge(const EdgeConfig& config, PacketPool& pool, Random& random, EdgeObservers observers)
    : config_(config),
      pool_(pool),
      random_(random),
      events_(observers.events),
      packets_(config, tunnels_, pool, random, observers.flow_log),
      devices_(config_, packets_, tunnels_, random, observers.events, observers.registrar),
      path_checks_(config_, packets_, tunnels_, pool, random) {}

Edge::~Edge() = default;

void Edge::apply(Snapshot snapshot) {
  tunnels_.configure(*snapshot.routing);
  packets_.clients().apply(std::move(snapshot));
  devices_.on_snapshot();
  close_if(
      [this](ConnectorSession& session) {
        if (!session.ref) return false;
        const LiveTunnel* tunnel =
            tunnels_.tunnels().find(tunnels_.connections().find(*session.ref)->tunnel);
        if (tunnel == nullptr) return true;
        if (tunnel->config == session.tunnel) return false;
        const tunnel::PathMode path = std::exchange(session.tunnel, tunnel->config)->path;
        if (!opens(session.proof, *session.tunnel)) return true;
        session.is_outdated = path != session.tunnel->path;
        return false;
      },
      "the tunnel is gone or its token has changed");
  push_what_changed();
}

// A connector takes a configuration only if its version is higher than that of the last.
void Edge::push_what_changed() {
  if (std::ranges::none_of(sessions_, [](const auto& s) { return s->is_outdated; })) return;
  ++config_.config_version;
  for (const auto& session : sessions_) {
    if (std::exchange(session->is_outdated, false)) push_configuration(*session);
  }
}

void Edge::push_configuration(ConnectorSession& session) {
  session.connection.push_configuration(
      config_.config_version,
      tunnel::to_configuration({.path = session.tunnel->path, .large_packets = true}));
}

void Edge::reconfigure(const EdgeConfig& config) {
  const std::int32_t pushed = config_.config_version;
  config_ = config;
  config_.config_version = std::max(pushed, config_.config_version);
  packets_.reconfigure(config, random_);
}

ClientRef Edge::add_client(Link& link, DeviceId device) {
  return packets_.clients().add(link, device);
}

void Edge::remove_client(ClientRef client) { packets_.clients().remove(client); }

void Edge::on_client_packet(Packet packet, ClientRef from, Time now) {
  packets_.on_client_packet(std::move(packet), from, now);
}

LiveConnection* Edge::live(const ConnectorSession& session) {
  return session.ref ? tunnels_.connections().find(*session.ref) : nullptr;
}

void Edge::on_tunnel_packet(ConnectorSession& session, Bytes packet, Time now) {
  LiveConnection* from = live(session);
  if (from == nullptr) return packets_.on_bad_datagram(DropReason::link_down);
  packets_.on_tunnel_packet(*from, packet, now);
}

void Edge::on_udp_answer(ConnectorSession& session, const Uuid& id, const tunnel::UdpAnswer& answer,
                         Time now) {
  if (LiveConnection* from = live(session)) packets_.on_udp_answer(*from, id, answer, now);
}

void Edge::on_udp_payload(ConnectorSession& session, const Uuid& id, Bytes payload, Time now) {
  LiveConnection* from = live(session);
  if (from == nullptr) return packets_.on_bad_datagram(DropReason::link_down);
  packets_.on_udp_payload(*from, id, payload, now);
}

void Edge::on_udp_end(ConnectorSession& session, const Uuid& id, Time now) {
  if (LiveConnection* from = live(session)) packets_.on_udp_end(*from, id, now);
}

void Edge::on_connect_answer(ConnectorSession& session, quic::StreamId call,
                             const std::string& error) {
  if (session.ref) path_checks_.on_connect_answer(*session.ref, call, error);
}

void Edge::on_bad_datagram(ConnectorSession&, DropReason reason, Time) {
  packets_.on_bad_datagram(reason);
}

// Strangers wait for their registration in a room of their own, and the one who has waited longest
// makes way, so that they can never keep connectors out.
quic::ConnectionEvents& Edge::on_connection(quic::Connection& connection, Time now) {
  if (connection.alpn() == masque::kDeviceAlpn) return devices_.on_connection(connection, now);
  const auto is_stranger = [](const auto& session) { return !session->ref; };
  if (static_cast<std::size_t>(std::ranges::count_if(sessions_, is_stranger)) >= kMaxStrangers) {
    const ConnectorSession* longest = std::ranges::find_if(sessions_, is_stranger)->get();
    close_if([&](const ConnectorSession& session) { return &session == longest; },
             "too many like you");
  }
  sessions_.push_back(std::make_unique<ConnectorSession>(
      connection, pool_, static_cast<ConnectorSessionEvents&>(*this), now));
  return sessions_.back()->connection;
}

tunnel::RegistrationAnswer Edge::on_register(ConnectorSession& session,
                                             const tunnel::Registration& registration, Time now) {
  Proof proof = proof_of(registration);
  const auto tunnel = check_proof(proof, tunnels_);
  if (!tunnel) return refuse(session, registration, tunnel.error(), now);
  close_earlier(registration);
  session.ref = tunnels_.add(*tunnel, registration, session.connection, now);
  session.proof = std::move(proof);
  session.tunnel = tunnels_.tunnels().find(*tunnel)->config;
  const bool v3 = tunnel::datagram_version(registration) == tunnel::DatagramVersion::v3;
  log::info("tunnel {}: connection {} of connector {} ({} {}, datagrams {}) registered from {}",
            session.tunnel->name, registration.connection_index,
            oneping::to_string(registration.connector_id), registration.version, registration.arch,
            v3 ? "v3" : "v2", session.peer.to_string());
  if (tunnel::read_announcement(registration.features).large_packets) {
    session.connection.link().allow_large_packets();
  }
  push_configuration(session);
  tunnel::RegistrationAccepted accepted{.location = config_.location};
  random_.fill(accepted.connection_id);
  return accepted;
}

tunnel::RegistrationAnswer Edge::refuse(ConnectorSession& session,
                                        const tunnel::Registration& registration, const Error& why,
                                        Time now) {
  ++registrations_refused_;
  if (strangers_logged_.take(now)) {
    log::warn("refused connector {} at {} for tunnel {}: {}",
              oneping::to_string(registration.connector_id), session.peer.to_string(),
              oneping::to_string(registration.tunnel_id), why.message);
  }
  session.refused = true;
  session.unregistered_since = now;
  return tunnel::RegistrationRefused{.cause = "Unauthorized: " + why.message};
}

// A connector that dials one of its connections again has lost the earlier one.
void Edge::close_earlier(const tunnel::Registration& registration) {
  close_if(
      [&](const ConnectorSession& other) {
        if (!other.ref) return false;
        const tunnel::Registration& earlier = *other.connection.registration();
        return earlier.tunnel_id == registration.tunnel_id &&
               earlier.connector_id == registration.connector_id &&
               earlier.connection_index == registration.connection_index;
      },
      "replaced by a newer connection");
}

void Edge::on_unregister(ConnectorSession& session, Time) {
  if (session.ref) log::info("{} drains", name_of(session));
}

void Edge::on_closed(ConnectorSession& session, const quic::CloseInfo& info, Time now) {
  if (session.ref) {
    log::info("{} closed: {}", name_of(session), info.reason);
  } else if (!session.refused && strangers_logged_.take(now)) {
    log::info("{} left before it registered: {}", session.peer.to_string(), info.reason);
  }
  retire(session);
}

// Backwards, because a registration may close earlier sessions: none is then passed over.
void Edge::run(Time now) {
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (i < sessions_.size()) sessions_[i]->connection.run(now);
  }
  graveyard_.clear();
  devices_.run(now);
  path_checks_.on_time(now);
}

void Edge::on_time(Time now) {
  if (now < next_tick_) return;
  next_tick_ = now + kTick;
  close_if(
      [&](const ConnectorSession& session) {
        const Duration patience = session.refused ? kRefusalGrace : kRegistrationTimeout;
        return !session.ref && now - session.unregistered_since > patience;
      },
      "not registered");
  devices_.on_time(now);
  watch_health(tunnels_, events_, now);
  packets_.on_time(now);
}

std::vector<TunnelStatus> Edge::status(Time now) const { return status_of(tunnels_, now); }

void Edge::shut_down() {
  close_if([](const ConnectorSession&) { return true; }, "the edge is stopping");
  graveyard_.clear();
  devices_.shut_down();
}

template <typename Condition>
void Edge::close_if(Condition condition, std::string_view reason) {
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    ConnectorSession& session = *sessions_[i];
    if (!condition(session)) continue;
    if (session.ref) log::info("{} closed: {}", name_of(session), reason);
    session.connection.close(reason);
    retire(session);
  }
}

// Out of every table now; destroyed at the next run(), since this may be one of its own events.
void Edge::retire(ConnectorSession& session) {
  if (session.ref) tunnels_.remove(*session.ref);
  const auto place = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const auto& s) { return s.get() == &session; });
  graveyard_.push_back(std::move(*place));
  sessions_.erase(place);
}

}  // namespace oneping::edge
