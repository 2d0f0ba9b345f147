#include "edge/udp_sessions.h"

#include <algorithm>
#include <utility>

#include "wire/udp.h"

namespace oneping::edge {

using namespace std::chrono_literals;

namespace {

// A registration by datagram is repeated when no answer came: so soon, then after twice as long,
// and so often in all.
constexpr Duration kFirstRetry = 250ms;
constexpr std::uint8_t kMaxTries = 5;
// One by call has its answer, or its failure, by then.
constexpr Duration kCallPatience = 6s;
// So long a refusal holds without asking again.
constexpr Duration kRefusalHolds = 1s;
// From a session in use nothing was heard for so long: it may have ended.
constexpr Duration kSilence = 2s;
// So much longer than here a session lives at the connector: whoever ends it first, it is we.
constexpr Duration kIdleMargin = 30s;
// What may make room for others, as at the connector (proxy/udp_mappings.h).
constexpr Duration kEvictAfter = 2min;
constexpr Duration kEvictDnsAfter = 2s;
// So many are looked at for one of a certain client.
constexpr int kMaxSteps = 256;
// Nobody says what it was.
constexpr std::uint8_t kHopLimit = 64;

std::size_t headers_size(IpFamily family) { return ip_header_size(family) + kUdpHeaderSize; }

DropReason reason_of(tunnel::UdpResult result) {
  switch (result) {
    case tunnel::UdpResult::destination_unreachable:
    case tunnel::UdpResult::unable_to_bind: return DropReason::host_unreachable;
    case tunnel::UdpResult::too_many_flows: return DropReason::flow_table_full;
    case tunnel::UdpResult::ok:
    case tunnel::UdpResult::error: break;
  }
  return DropReason::session_refused;
}

bool by_datagram(const LiveConnection& connection) {
  return connection.connection->link().version() == tunnel::DatagramVersion::v3;
}

}  // namespace

UdpSessions::UdpSessions(const Options& options, TunnelTable& tunnels, PacketPool& pool,
                         Random& random, UdpSessionEvents& events)
    : options_(options),
      tunnels_(tunnels),
      pool_(pool),
      random_(random),
      events_(events),
      shares_(0, HashClient{options.seed}),
      identification_(static_cast<std::uint16_t>(random.next())) {}

std::size_t UdpSessions::max_packet_size(const LiveConnection& connection, IpFamily family) {
  const std::size_t payload = connection.connection->link().max_udp_payload();
  return payload == 0 ? 0 : payload + headers_size(family);
}

// From clients.

std::optional<DropReason> UdpSessions::send(const FlowKey& flow, ConnectionRef ref, Packet& packet,
                                            Time now) {
  counters_.count_in();
  LiveConnection* connection = tunnels_.connections().find(ref);
  std::optional<DropReason> refusal;
  Place place = find(flow);
  if (connection == nullptr || !connection->connection->link().is_open()) {
    refusal = DropReason::link_down;
  } else if (place == kNone) {
    refusal = make_room(flow.client, now);
    if (!refusal) place = begin(flow, now);
  }
  if (!refusal) {
    touch(place, now);
    const Session& session = sessions_[place];
    const bool is_refused_no_more =
        session.state == State::refused && now - session.since >= kRefusalHolds;
    if (session.connection != ref || is_refused_no_more) register_at(place, ref, *connection, now);
    refusal = send_by(place, *connection, packet, now);
  }
  if (refusal) counters_.count_dropped(*refusal);
  return refusal;
}

std::optional<DropReason> UdpSessions::send_by(Place place, LiveConnection& connection,
                                               Packet& packet, Time now) {
  Session& session = sessions_[place];
  switch (session.state) {
    case State::refused: return session.refusal;
    case State::registering: {
      const bool is_asked = session.tries > 0;
      if (const auto refusal = keep(session, packet)) return refusal;
      if (!is_asked) ask(session, connection, now);
      return std::nullopt;
    }
    case State::open: break;
  }
  const Time heard = std::max(session.last_heard, session.since);
  if (by_datagram(connection) && now - heard >= kSilence) ask(session, connection, now);
  pass(session, connection, std::move(packet), now);
  return std::nullopt;
}

std::optional<DropReason> UdpSessions::keep(Session& session, Packet& packet) {
  Share& share = shares_.at(session.flow.client);
  if (waiting_ >= options_.max_waiting || share.waiting >= options_.max_waiting / 2 ||
      session.waiting.size() >= options_.max_waiting_of_session) {
    return DropReason::queue_full;
  }
  session.waiting.push_back(std::move(packet));
  ++share.waiting;
  ++waiting_;
  return std::nullopt;
}

void UdpSessions::register_at(Place place, ConnectionRef ref, LiveConnection& connection,
                              Time now) {
  Session& session = sessions_[place];
  leave(session, connection);
  session.connection = ref;
  session.tunnel = connection.tunnel;
  session.tries = 0;
  session.first_came_along = false;
  set_state(place, State::registering, now);
}

// The connector that it leaves for another's is told. Between connections of one connector a
// session may be one and the same, and what is said by two of them has no order: then nothing is
// said, and what is left behind is idle in time.
void UdpSessions::leave(const Session& session, const LiveConnection& to) {
  LiveConnection* from = tunnels_.connections().find(session.connection);
  if (from == nullptr || from == &to) return;
  const auto& here = from->connection->registration();
  const auto& there = to.connection->registration();
  if (here && there && here->connector_id == there->connector_id) return;
  from->connection->end_udp(session.id, "it has moved to another connector");
}

// The first packet comes along where it is certain to be taken, and once: whoever asks again does
// not know whether it has arrived. Lost it may be, as any datagram; twice it is never.
void UdpSessions::ask(Session& session, LiveConnection& connection, Time now) {
  tunnel::UdpRegistration registration{.id = session.id,
                                       .destination = {session.flow.destination, session.flow.port},
                                       .idle = options_.idle.of(session.flow.port) + kIdleMargin};
  const bool may_come_along = connection.takes_first_payload && by_datagram(connection);
  if (may_come_along && !session.first_came_along && session.state == State::registering &&
      !session.waiting.empty()) {
    const auto ip = IpView::parse(session.waiting.front().bytes());
    registration.has_payload = true;
    registration.payload = UdpView::parse(*ip)->payload;
  }
  // A payload that fits with its session's id alone does not fit with a registration: it waits.
  if (!connection.connection->register_udp(registration, now) && registration.has_payload) {
    registration.has_payload = false;
    registration.payload = {};
    (void)connection.connection->register_udp(registration, now);  // asked again later
  }
  session.first_came_along = session.first_came_along || registration.has_payload;
  session.since = now;
  ++session.tries;
}

// The packet has been looked at by the forwarder, and fits: what else there is to refuse it is no
// fault of its own.
void UdpSessions::pass(const Session& session, LiveConnection& connection, Packet packet,
                       Time now) {
  const auto ip = IpView::parse(packet.bytes());
  const auto udp = ip.and_then([](const IpView& view) { return UdpView::parse(view); });
  if (!udp) return counters_.count_dropped(udp.error());
  const std::size_t size = udp->payload.size();
  packet.remove_prefix(static_cast<std::size_t>(udp->payload.data() - packet.data()));
  packet.remove_suffix(packet.size() - size);
  const auto refusal = connection.connection->link().send_udp(session.id, packet, now);
  if (refusal) return counters_.count_dropped(*refusal);
  counters_.count_forwarded();
}

// From connectors.

void UdpSessions::on_answer(LiveConnection& from, const Uuid& id, const tunnel::UdpAnswer& answer,
                            Time now) {
  const Place place = find(from, id);
  const bool is_late = place == kNone || sessions_[place].state == State::refused;
  if (is_late && answer.result == tunnel::UdpResult::ok) {
    from.connection->end_udp(id, "the answer came too late");
  }
  if (place == kNone) return;
  Session& session = sessions_[place];
  if (!is_at(session, from)) return;  // it has moved since
  session.last_heard = now;
  if (answer.result != tunnel::UdpResult::ok) {
    refuse(place, reason_of(answer.result), now);
  } else if (session.state == State::registering) {
    open(place, from, now);
  }
}

void UdpSessions::on_payload(LiveConnection& from, const Uuid& id, Bytes payload, Time now) {
  payloads_.count_in();
  const Place place = find(from, id);
  if (place == kNone) return payloads_.count_dropped(DropReason::no_flow);
  touch(place, now);
  Session& session = sessions_[place];
  session.last_heard = now;
  const FlowKey& flow = session.flow;
  auto packet = make_udp(pool_,
                         {.source = flow.destination,
                          .destination = flow.client,
                          .hop_limit = kHopLimit,
                          .label = flow.client.is_v4() ? identification_++ : 0u},
                         {flow.port, flow.client_port}, payload);
  if (!packet) return payloads_.count_dropped(DropReason::no_buffer);
  payloads_.count_forwarded();
  events_.on_session_packet(from, std::move(*packet), now);
}

void UdpSessions::on_end(LiveConnection& from, const Uuid& id, Time now) {
  const Place place = find(from, id);
  if (place == kNone) return;
  if (!is_at(sessions_[place], from)) return;     // the one that it has left
  refuse(place, DropReason::no_connection, now);  // what waits is told
  forget(place);
}

void UdpSessions::open(Place place, LiveConnection& connection, Time now) {
  set_state(place, State::open, now);
  Session& session = sessions_[place];
  auto waiting = take_waiting(session);
  bool came_along = std::exchange(session.first_came_along, false);
  for (Packet& packet : waiting) {
    if (std::exchange(came_along, false)) {
      counters_.count_forwarded();
    } else {
      pass(session, connection, std::move(packet), now);
    }
  }
}

void UdpSessions::refuse(Place place, DropReason reason, Time now) {
  set_state(place, State::refused, now);
  Session& session = sessions_[place];
  session.refusal = reason;
  const FlowKey flow = session.flow;
  auto waiting = take_waiting(session);
  for (Packet& packet : waiting) {
    increment_hop_limit(packet.bytes());  // as it came in
    const auto ip = IpView::parse(packet.bytes());
    if (ip && events_.on_session_refused(flow, *ip, reason, now)) {
      counters_.count_answered(reason);
    } else {
      counters_.count_dropped(reason);
    }
  }
}

// Time.

void UdpSessions::on_time(Time now) {
  for (Place place = unsettled_.front(); place != IndexList::kNone;) {
    const Place next = sessions_[place].unsettled.next;
    look_after(place, now);
    place = next;
  }
  const std::array<Duration, kIdleClasses> idle{options_.idle.dns, options_.idle.usual};
  for (std::size_t i = 0; i < kIdleClasses; ++i) {
    for (Place oldest = by_age_[i].front(); oldest != IndexList::kNone;
         oldest = by_age_[i].front()) {
      if (now - sessions_[oldest].last_used < idle[i]) break;
      end(oldest, "it was idle");
    }
  }
}

void UdpSessions::look_after(Place place, Time now) {
  Session& session = sessions_[place];
  if (session.state == State::refused) {
    if (now - session.since >= kRefusalHolds) forget(place);
    return;
  }
  LiveConnection* connection = tunnels_.connections().find(session.connection);
  if (connection == nullptr) {
    const auto other = tunnels_.choose(session.tunnel, session.connection);
    if (!other) return refuse(place, DropReason::no_connection, now);
    connection = tunnels_.connections().find(*other);
    register_at(place, *other, *connection, now);
    return ask(session, *connection, now);
  }
  const bool again = by_datagram(*connection);
  const Duration patience =
      again ? kFirstRetry * (1 << (std::max<int>(session.tries, 1) - 1)) : kCallPatience;
  if (now - session.since < patience) return;
  if (!again || session.tries >= kMaxTries) {
    connection->connection->end_udp(session.id, "no answer came in time");
    return refuse(place, DropReason::no_connection, now);
  }
  ask(session, *connection, now);
}

// Sessions.

UdpSessions::Place UdpSessions::find(const FlowKey& flow) const {
  return by_flow_.find(hash_of(flow, options_.seed),
                       [&](Place place) { return sessions_[place].flow == flow; });
}

UdpSessions::Place UdpSessions::find(const LiveConnection& from, const Uuid& id) const {
  const Place place = by_id_.find(hash_of_id(id), [&](Place p) { return sessions_[p].id == id; });
  return place != kNone && sessions_[place].tunnel == from.tunnel ? place : kNone;
}

std::optional<DropReason> UdpSessions::make_room(const IpAddress& client, Time now) {
  const auto share = shares_.find(client);
  if (share != shares_.end() && share->second.sessions >= options_.max_sessions / 2 &&
      !evict(&client, now)) {
    return DropReason::device_flow_limit;
  }
  if (sessions_.size() >= options_.max_sessions && !evict(nullptr, now)) {
    return DropReason::flow_table_full;
  }
  return std::nullopt;
}

// A client for whom this is asked has half of all: one of his is soon found among the oldest.
bool UdpSessions::evict(const IpAddress* client, Time now) {
  const std::array<Duration, kIdleClasses> enough{kEvictDnsAfter, kEvictAfter};
  for (std::size_t i = 0; i < kIdleClasses; ++i) {
    Place oldest = by_age_[i].front();
    for (int steps = 0; oldest != IndexList::kNone && steps < kMaxSteps; ++steps) {
      const Session& session = sessions_[oldest];
      if (now - session.last_used < enough[i]) break;
      if (client == nullptr || session.flow.client == *client) {
        end(oldest, "others need its place");
        return true;
      }
      oldest = session.by_age.next;
    }
  }
  return false;
}

UdpSessions::Place UdpSessions::begin(const FlowKey& flow, Time now) {
  Session session;
  session.id = random_uuid(random_);
  session.flow = flow;
  session.last_used = now;
  session.since = now;
  const Place place = sessions_.add(std::move(session));
  by_id_.insert(place, ids());
  by_flow_.insert(place, flows());
  by_age_[idle_class(flow)].push_back(place, ages());
  unsettled_.push_back(place, unsettled());
  ++shares_[flow.client].sessions;
  return place;
}

void UdpSessions::set_state(Place place, State state, Time now) {
  Session& session = sessions_[place];
  const bool was_settled = session.state == State::open;
  const bool is_settled = state == State::open;
  if (was_settled && !is_settled) unsettled_.push_back(place, unsettled());
  if (!was_settled && is_settled) unsettled_.remove(place, unsettled());
  session.state = state;
  session.since = now;
}

void UdpSessions::touch(Place place, Time now) {
  Session& session = sessions_[place];
  session.last_used = now;
  by_age_[idle_class(session.flow)].move_to_back(place, ages());
}

void UdpSessions::end(Place place, std::string_view why) {
  const Session& session = sessions_[place];
  if (LiveConnection* connection = tunnels_.connections().find(session.connection)) {
    connection->connection->end_udp(session.id, why);
  }
  forget(place);
}

std::vector<Packet> UdpSessions::take_waiting(Session& session) {
  auto waiting = std::exchange(session.waiting, {});
  shares_.at(session.flow.client).waiting -= waiting.size();
  waiting_ -= waiting.size();
  return waiting;
}

void UdpSessions::forget(Place place) {
  Session& session = sessions_[place];
  const auto dropped = take_waiting(session);
  for (std::size_t i = 0; i < dropped.size(); ++i) counters_.count_dropped(DropReason::no_flow);
  const auto share = shares_.find(session.flow.client);
  if (--share->second.sessions == 0) shares_.erase(share);
  by_id_.erase(place, ids());
  by_flow_.erase(place, flows());
  by_age_[idle_class(session.flow)].remove(place, ages());
  if (session.state != State::open) unsettled_.remove(place, unsettled());
  sessions_.remove(place);
}

}  // namespace oneping::edge
