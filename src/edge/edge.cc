#include "edge/edge.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "edge/registration_check.h"
#include "wire/icmp.h"

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

// What a cloudflared needs to hear before it proxies ICMP (old versions), and accepts as a
// remotely managed configuration (all).
constexpr const char* kPushedConfiguration =
    R"({"ingress":[{"service":"http_status:404"}],"warp-routing":{"enabled":true}})";

tl::unexpected<DropReason> drop(DropReason reason) { return tl::make_unexpected(reason); }

}  // namespace

Edge::Edge(const EdgeConfig& config, PacketPool& pool, Random& random)
    : config_(config),
      pool_(pool),
      random_(random),
      forwarder_(
          config.forwarding,
          [this](const IpView& packet) { return packet.is_v4() ? config_.hop_v4 : config_.hop_v6; },
          pool, random),
      flows_({.capacity = config.flow_table_size, .seed = random.next()}) {
  tunnels_.configure(config.tunnels);
}

Edge::~Edge() = default;

void Edge::on_client_packet(Packet packet, Link& from, Time now) {
  requests_.from = &from;
  forwarder_.forward(std::move(packet), requests_, &from, now);
}

tl::expected<Link*, DropReason> Edge::RequestRouter::next_hop(const IpView& packet, Time now) {
  const auto icmp = IcmpView::parse(packet);
  if (!icmp) return drop(icmp.error());
  if (icmp->kind != IcmpKind::echo_request) return drop(DropReason::not_echo_request);
  if (!packet.source().is_single_host()) return drop(DropReason::source_refused);

  const auto route = edge_.tunnels_.find_route(packet.destination());
  if (!route) return drop(DropReason::no_route);
  const EchoFlow key{packet.source(), packet.destination(), icmp->id};
  FlowState* flow = edge_.flows_.use(key, now);
  const ConnectionRef current = flow != nullptr ? flow->connection : ConnectionRef{};
  const auto chosen = edge_.tunnels_.choose(*route, current, hash_of(key, 0));
  if (!chosen) return drop(DropReason::no_connection);
  const FlowState state{*route, *chosen, from};
  if (flow != nullptr) {
    *flow = state;
  } else {
    edge_.flows_.insert(key, state, now);
  }
  return &edge_.tunnels_.find(*chosen)->connection->link();
}

void Edge::on_tunnel_packet(Session& session, Bytes bytes, Time now) {
  if (!session.tunnel) return forwarder_.count_lost(DropReason::link_down);
  auto packet = pool_.copy(bytes);
  if (!packet) return forwarder_.count_lost(DropReason::no_buffer);
  replies_.tunnel = *session.tunnel;
  forwarder_.forward(std::move(*packet), replies_, nullptr, now);
}

// Nothing here keeps a flow alive: only its client's requests do (RFC 5508, REQ-6 for errors).
tl::expected<Link*, DropReason> Edge::ReplyRouter::next_hop(const IpView& packet, Time now) {
  const auto icmp = IcmpView::parse(packet);
  if (!icmp) return drop(icmp.error());
  EchoFlow key;
  if (icmp->kind == IcmpKind::echo_reply) {
    key = {packet.destination(), packet.source(), icmp->id};
  } else if (icmp->kind == IcmpKind::error) {
    const auto request = quoted_echo_request(packet, *icmp);
    if (!request) return drop(request.error());
    key = {request->source, request->destination, request->identity.id};
    if (packet.destination() != key.client) return drop(DropReason::no_flow);
  } else {
    return drop(DropReason::not_reply_or_error);
  }
  const FlowState* flow = edge_.flows_.find(key, now);
  if (flow == nullptr || flow->tunnel != tunnel) return drop(DropReason::no_flow);
  return flow->client;
}

void Edge::on_bad_datagram(Session&, DropReason reason, Time) { forwarder_.count_lost(reason); }

// Strangers wait for their registration in a room of their own, and the one who has waited longest
// makes way, so that they can never keep connectors out.
quic::ConnectionEvents& Edge::on_connection(quic::Connection& connection, Time now) {
  const auto is_stranger = [](const auto& session) { return !session->tunnel; };
  if (static_cast<std::size_t>(std::ranges::count_if(sessions_, is_stranger)) >= kMaxStrangers) {
    const Session* longest = std::ranges::find_if(sessions_, is_stranger)->get();
    close_if([&](const Session& session) { return &session == longest; }, "too many like you");
  }
  sessions_.push_back(
      std::make_unique<Session>(connection, static_cast<SessionEvents&>(*this), now));
  return sessions_.back()->connection;
}

tunnel::RegistrationAnswer Edge::on_register(Session& session,
                                             const tunnel::Registration& registration, Time now) {
  const Proof proof = proof_of(registration);
  const auto tunnel = check_proof(proof, tunnels_);
  if (!tunnel) {
    ++registrations_refused_;
    if (strangers_logged_.take(now))
      log::warn("refused connector {} at {} for tunnel {}: {}",
                to_string(registration.connector_id), session.peer.to_string(),
                to_string(registration.tunnel_id), tunnel.error().message);
    session.refused = true;
    session.unregistered_since = now;
    return tunnel::RegistrationRefused{.cause = "Unauthorized: " + tunnel.error().message};
  }
  close_earlier(registration, *tunnel);
  session.tunnel = *tunnel;
  session.proof = proof;
  session.ref = tunnels_.add(*tunnel, session.connection);
  const bool v3 = tunnel::datagram_version(registration) == tunnel::DatagramVersion::v3;
  log::info("tunnel {}: connection {} of connector {} ({} {}, datagrams {}) registered from {}",
            tunnels_.tunnel(*tunnel).config.name, registration.connection_index,
            to_string(registration.connector_id), registration.version, registration.arch,
            v3 ? "v3" : "v2", session.peer.to_string());
  session.connection.push_configuration(config_.config_version, kPushedConfiguration);
  tunnel::RegistrationAccepted accepted{.location = config_.location};
  random_.fill(accepted.connection_id);
  return accepted;
}

// A connector that dials one of its connections again has lost the earlier one.
void Edge::close_earlier(const tunnel::Registration& registration, RouteTarget tunnel) {
  close_if(
      [&](const Session& other) {
        return other.tunnel == tunnel &&
               other.connection.registration()->connector_id == registration.connector_id &&
               other.connection.registration()->connection_index == registration.connection_index;
      },
      "replaced by a newer connection");
}

void Edge::on_unregister(Session& session, Time) {
  if (session.tunnel) log::info("{} drains", name(session));
}

void Edge::on_closed(Session& session, const quic::CloseInfo& info, Time now) {
  if (session.tunnel) {
    log::info("{} closed: {}", name(session), info.reason);
  } else if (!session.refused && strangers_logged_.take(now)) {
    log::info("{} left before it registered: {}", session.peer.to_string(), info.reason);
  }
  retire(session);
}

void Edge::reconfigure(const EdgeConfig& config) {
  const std::size_t flow_table_size = config_.flow_table_size;
  config_ = config;
  config_.flow_table_size = flow_table_size;
  forwarder_.configure(config.forwarding, random_);
  tunnels_.configure(config.tunnels);
  close_if(
      [&](const Session& session) {
        return session.tunnel && !check_proof(session.proof, tunnels_);
      },
      "the tunnel is gone or its token has changed");
}

// Backwards, because a registration may close earlier sessions: none is then passed over.
void Edge::run(Time now) {
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    if (i < sessions_.size()) sessions_[i]->connection.run(now);
  }
  graveyard_.clear();
}

void Edge::on_time(Time now) {
  if (now < next_tick_) return;
  next_tick_ = now + kTick;
  for (LiveConnection& place : tunnels_.places()) {
    if (place.connection == nullptr) continue;
    const quic::Connection& quic = place.connection->quic();
    place.health.observe(quic.stats(), quic.datagram_counters().forwarded(), now);
  }
  close_if(
      [&](const Session& session) {
        const Duration patience = session.refused ? kRefusalGrace : kRegistrationTimeout;
        return !session.tunnel && now - session.unregistered_since > patience;
      },
      "not registered");
  flows_.expire(now);
}

void Edge::shut_down() {
  close_if([](const Session&) { return true; }, "the edge is stopping");
  graveyard_.clear();
}

template <typename Condition>
void Edge::close_if(Condition condition, std::string_view reason) {
  for (std::size_t i = sessions_.size(); i-- > 0;) {
    Session& session = *sessions_[i];
    if (!condition(session)) continue;
    if (session.tunnel) log::info("{} closed: {}", name(session), reason);
    session.connection.close(reason);
    retire(session);
  }
}

// Out of every table now; destroyed at the next run(), since this may be one of its own events.
void Edge::retire(Session& session) {
  if (session.ref) tunnels_.remove(*session.ref);
  const auto place = std::find_if(sessions_.begin(), sessions_.end(),
                                  [&](const auto& s) { return s.get() == &session; });
  graveyard_.push_back(std::move(*place));
  sessions_.erase(place);
}

std::string Edge::name(const Session& session) const {
  const auto& registration = *session.connection.registration();
  return fmt::format("tunnel {}: connection {} of connector {}",
                     tunnels_.tunnel(*session.tunnel).config.name, registration.connection_index,
                     to_string(registration.connector_id));
}

}  // namespace oneping::edge
