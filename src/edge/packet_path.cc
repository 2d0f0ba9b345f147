#include "edge/packet_path.h"

#include <utility>

namespace oneping::edge {

namespace {
tl::unexpected<DropReason> drop(DropReason reason) { return tl::make_unexpected(reason); }

// A reference as a number, and back.
template <typename T>
std::uint64_t number_of(SlotRef<T> ref) {
  return std::uint64_t{ref.generation} << 32 | ref.place;
}
template <typename T>
SlotRef<T> ref_of(std::uint64_t number) {
  return {static_cast<std::uint32_t>(number), static_cast<std::uint32_t>(number >> 32)};
}
}  // namespace

PacketPath::PacketPath(const EdgeConfig& config, TunnelTable& tunnels, PacketPool& pool,
                       Random& random, FlowLog* flow_log)
    : tunnels_(tunnels),
      pool_(pool),
      flow_log_(flow_log),
      hop_v4_(config.hop_v4),
      hop_v6_(config.hop_v6),
      clients_(config.device_limits),
      forwarder_(
          config.forwarding,
          [this](const IpView& packet) { return packet.is_v4() ? hop_v4_ : hop_v6_; }, pool,
          random),
      echo_flows_({.capacity = config.flow_table_size, .seed = random.next()}),
      udp_flows_({.capacity = config.flow_table_size,
                  .idle_timeout = config.udp_idle.usual,
                  .seed = random.next()}),
      dns_flows_({.capacity = config.flow_table_size,
                  .idle_timeout = config.udp_idle.dns,
                  .seed = random.next()}),
      udp_by_sessions_(config.udp_by_sessions),
      sessions_({.idle = config.udp_idle, .seed = random.next()}, tunnels, pool, random,
                static_cast<UdpSessionEvents&>(*this)) {}

void PacketPath::reconfigure(const EdgeConfig& config, Random& random) {
  hop_v4_ = config.hop_v4;
  hop_v6_ = config.hop_v6;
  forwarder_.configure(config.forwarding, random);
  clients_.limit_devices(config.device_limits);
}

void PacketPath::on_time(Time now) {
  for (Flows* flows : {&echo_flows_, &udp_flows_, &dns_flows_}) flows->expire(now);
  sessions_.on_time(now);
  forwarder_.on_time(to_network_, now);
  forwarder_.on_time(to_client_, now);
}

std::size_t PacketPath::flows(Protocol protocol) const {
  return protocol == Protocol::icmp ? echo_flows_.size() : udp_flows_.size() + dns_flows_.size();
}

std::uint64_t PacketPath::flows_evicted() const {
  return echo_flows_.evicted() + udp_flows_.evicted() + dns_flows_.evicted();
}

PacketPath::Flows& PacketPath::flows_of(const FlowKey& key) {
  if (!key.is_udp()) return echo_flows_;
  return key.port == kDnsPort ? dns_flows_ : udp_flows_;
}

// Towards the network: an echo request or a UDP packet begins, or continues, a flow.

void PacketPath::on_client_packet(Packet packet, ClientRef from, Time now) {
  to_network_.from = from;
  to_network_.client = clients_.find(from);
  if (to_network_.client == nullptr) return to_network_.count_lost(DropReason::link_down);
  forwarder_.forward(std::move(packet), to_network_, to_network_.client->link, now);
}

void PacketPath::on_client_packet(Bytes bytes, ClientRef from, Time now) {
  auto packet = pool_.copy(bytes);
  if (!packet) return to_network_.count_lost(DropReason::no_buffer);
  on_client_packet(std::move(*packet), from, now);
}

std::optional<DropReason> PacketPath::RequestRouter::admit(const IpView& packet, Time now) {
  if (!client->identity) return DropReason::device_revoked;
  if (!client->may_send_from(packet.source())) return DropReason::source_refused;
  if (client->usage != nullptr && !client->usage->may_send(now)) {
    return DropReason::device_rate_limit;
  }
  return std::nullopt;
}

tl::expected<Link*, DropReason> PacketPath::RequestRouter::next_hop(const IpView& packet,
                                                                    Time now) {
  const auto key = flow_of_request(packet);
  if (!key) return drop(key.error());
  if (!packet.source().is_single_host()) return drop(DropReason::source_refused);

  const auto found = path_.flow_of(*key, from, *client, now);
  if (!found) return drop(found.error());
  FlowState& flow = **found;
  if (flow.verdict == Verdict::deny) return drop(DropReason::policy_denied);
  const auto route = path_.find_route(*key, *client);
  if (!route) return drop(DropReason::no_route);
  const TunnelRef tunnel = path_.tunnels_.target(*route);
  const auto chosen = path_.tunnels_.choose(tunnel, flow.connection);
  if (!chosen) return drop(DropReason::no_connection);
  flow.tunnel = tunnel;
  flow.revision = client->revision;
  flow.connection = *chosen;
  return path_.way_for(*key, *chosen);
}

tl::expected<Link*, DropReason> PacketPath::way_for(const FlowKey& key, ConnectionRef chosen) {
  const LiveConnection& live = *tunnels_.connections().find(chosen);
  if (!key.is_udp()) return &live.connection->link();
  switch (live.udp) {
    case tunnel::UdpCarriage::off: return drop(DropReason::udp_unavailable);
    case tunnel::UdpCarriage::sessions: break;
    case tunnel::UdpCarriage::packets:
      if (!udp_by_sessions_) return &live.connection->link();
  }
  session_link_.flow = key;
  session_link_.connection = chosen;
  session_link_.packet_size = UdpSessions::max_packet_size(live, key.client.family());
  return &session_link_;
}

std::uint64_t PacketPath::RequestRouter::ingress() const { return number_of(from); }

Link* PacketPath::RequestRouter::way_back(std::uint64_t ingress) {
  const Client* found = path_.clients_.find(ref_of<Client>(ingress));
  return found == nullptr ? nullptr : found->link;
}

// The flow that a request belongs to, with a verdict that holds now.
tl::expected<PacketPath::FlowState*, DropReason> PacketPath::flow_of(const FlowKey& key,
                                                                     ClientRef from,
                                                                     const Client& client,
                                                                     Time now) {
  Flows& flows = flows_of(key);
  FlowState* flow = flows.use(key, now);
  if (flow != nullptr && flow->client == from) {
    if (flow->judgement != client.judgement) judge_again(key, *flow, client);
    return flow;
  }
  if (flow == nullptr && client.usage != nullptr && !client.usage->may_begin_flow()) {
    return drop(DropReason::device_flow_limit);
  }
  const PolicyDecision decision = decide(key, client);
  ++verdicts_[static_cast<std::size_t>(key.protocol)][static_cast<std::size_t>(decision.verdict)];
  tell(key, client, decision);
  FlowState begun{.client = from,
                  .judgement = client.judgement,
                  .verdict = decision.verdict,
                  .ticket = FlowTicket(client.usage)};
  if (flow == nullptr) return &flows.insert(key, std::move(begun), now);
  *flow = std::move(begun);  // another client had this address
  return flow;
}

void PacketPath::judge_again(const FlowKey& key, FlowState& flow, const Client& client) {
  const PolicyDecision decision = decide(key, client);
  flow.judgement = client.judgement;
  if (std::exchange(flow.verdict, decision.verdict) != decision.verdict)
    tell(key, client, decision);
}

PolicyDecision PacketPath::decide(const FlowKey& key, const Client& client) const {
  return clients_.snapshot().policies->decide(client.sender, {.destination = key.destination,
                                                              .network = client.identity->network,
                                                              .protocol = key.protocol,
                                                              .port = key.port});
}

std::optional<RouteTarget> PacketPath::find_route(const FlowKey& key, const Client& client) const {
  if (client.routes == nullptr) return std::nullopt;
  return client.routes->lookup(key.destination);
}

bool PacketPath::leads_there_still(const FlowKey& key, FlowState& flow, const Client& client) {
  if (flow.revision == client.revision) return true;
  const auto route = find_route(key, client);
  if (!route || tunnels_.target(*route) != flow.tunnel) return false;
  flow.revision = client.revision;
  return true;
}

void PacketPath::tell(const FlowKey& key, const Client& client, const PolicyDecision& decision) {
  if (flow_log_ == nullptr) return;
  const Snapshot& snapshot = clients_.snapshot();
  const auto route = find_route(key, client);
  flow_log_->on_verdict({.who = client.identity,
                         .on_behalf = client.on_behalf,
                         .from = key.client,
                         .to = key.destination,
                         .protocol = key.protocol,
                         .port = key.port,
                         .verdict = decision.verdict,
                         .rule = decision.rule,
                         .policies = snapshot.policies,
                         .tunnel = route ? snapshot.routing->tunnels[*route] : nullptr});
}

// Back to the client: an echo reply, a UDP packet, or an error that quotes a packet, of a live
// flow.

void PacketPath::on_tunnel_packet(LiveConnection& from, Bytes bytes, Time now) {
  auto packet = pool_.copy(bytes);
  if (!packet) return to_client_.count_lost(DropReason::no_buffer);
  to_client_.from = &from;
  forwarder_.forward(std::move(*packet), to_client_, nullptr, now);
}

std::uint64_t PacketPath::ReplyRouter::ingress() const { return number_of(from->tunnel); }

void PacketPath::on_session_packet(LiveConnection& from, Packet packet, Time now) {
  to_client_.from = &from;
  forwarder_.forward(std::move(packet), to_client_, nullptr, now);
}

// What this hop could not send on after all, it says as a router does.
bool PacketPath::on_session_refused(const FlowKey& key, const IpView& packet, DropReason reason,
                                    Time now) {
  const FlowState* flow = flows_of(key).find(key, now);
  Client* client = flow == nullptr ? nullptr : clients_.find(flow->client);
  return client != nullptr && forwarder_.answer(packet, reason, 0, *client->link, now);
}

// An echo flow is kept alive by its client's requests alone, and no flow by errors (RFC 5508,
// REQ-6; RFC 4787, REQ-12).
tl::expected<Link*, DropReason> PacketPath::ReplyRouter::next_hop(const IpView& packet, Time now) {
  const auto reply = flow_of_reply(packet);
  if (!reply) return drop(reply.error());
  const FlowKey& key = reply->key;
  Flows& flows = path_.flows_of(key);
  FlowState* flow = flows.find(key, now);
  if (flow == nullptr || flow->tunnel != from->tunnel) return drop(DropReason::no_flow);
  const Client* client = path_.clients_.find(flow->client);
  if (client == nullptr) return drop(DropReason::no_flow);
  if (!client->identity) return drop(DropReason::device_revoked);
  if (flow->judgement != client->judgement) path_.judge_again(key, *flow, *client);
  if (flow->verdict == Verdict::deny) return drop(DropReason::policy_denied);
  if (!path_.leads_there_still(key, *flow, *client)) return drop(DropReason::no_route);
  if (!reply->is_error) {
    if (key.is_udp()) {
      static_cast<void>(flows.use(key, now));
    } else {
      path_.tunnels_.note_reply(*from, packet.family());
    }
  }
  return client->link;
}

}  // namespace oneping::edge
