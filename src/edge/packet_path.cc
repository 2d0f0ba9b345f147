#include "edge/packet_path.h"

#include <utility>

#include "wire/icmp.h"

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
      flows_({.capacity = config.flow_table_size, .seed = random.next()}) {}

void PacketPath::reconfigure(const EdgeConfig& config, Random& random) {
  hop_v4_ = config.hop_v4;
  hop_v6_ = config.hop_v6;
  forwarder_.configure(config.forwarding, random);
  clients_.limit_devices(config.device_limits);
}

void PacketPath::on_time(Time now) {
  flows_.expire(now);
  forwarder_.on_time(to_network_, now);
  forwarder_.on_time(to_client_, now);
}

// Towards the network: an echo request begins, or continues, a flow.

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
  const auto icmp = IcmpView::parse(packet);
  if (!icmp) return drop(icmp.error());
  if (icmp->kind != IcmpKind::echo_request) return drop(DropReason::not_echo_request);
  if (!packet.source().is_single_host()) return drop(DropReason::source_refused);

  const EchoFlow key{packet.source(), packet.destination(), icmp->id};
  const auto found = path_.flow_of(key, from, *client, now);
  if (!found) return drop(found.error());
  FlowState& flow = **found;
  if (flow.verdict == Verdict::deny) return drop(DropReason::policy_denied);
  const auto route = path_.find_route(key, *client);
  if (!route) return drop(DropReason::no_route);
  const TunnelRef tunnel = path_.tunnels_.target(*route);
  const auto chosen = path_.tunnels_.choose(tunnel, flow.connection);
  if (!chosen) return drop(DropReason::no_connection);
  flow.tunnel = tunnel;
  flow.connection = *chosen;
  return &path_.tunnels_.connections().find(*chosen)->connection->link();
}

std::uint64_t PacketPath::RequestRouter::ingress() const { return number_of(from); }

Link* PacketPath::RequestRouter::way_back(std::uint64_t ingress) {
  const Client* found = path_.clients_.find(ref_of<Client>(ingress));
  return found == nullptr ? nullptr : found->link;
}

// The flow that a request belongs to, with a verdict that holds now.
tl::expected<PacketPath::FlowState*, DropReason> PacketPath::flow_of(const EchoFlow& key,
                                                                     ClientRef from,
                                                                     const Client& client,
                                                                     Time now) {
  FlowState* flow = flows_.use(key, now);
  if (flow != nullptr && flow->client == from) {
    if (flow->judgement != client.judgement) judge_again(key, *flow, client);
    return flow;
  }
  if (flow == nullptr && client.usage != nullptr && !client.usage->may_begin_flow()) {
    return drop(DropReason::device_flow_limit);
  }
  const PolicyDecision decision = decide(key, client);
  ++verdicts_[static_cast<std::size_t>(Protocol::icmp)][static_cast<std::size_t>(decision.verdict)];
  tell(key, client, decision);
  FlowState begun{.client = from,
                  .judgement = client.judgement,
                  .verdict = decision.verdict,
                  .ticket = FlowTicket(client.usage)};
  if (flow == nullptr) return &flows_.insert(key, std::move(begun), now);
  *flow = std::move(begun);  // another client had this address
  return flow;
}

void PacketPath::judge_again(const EchoFlow& key, FlowState& flow, const Client& client) {
  const PolicyDecision decision = decide(key, client);
  flow.judgement = client.judgement;
  if (std::exchange(flow.verdict, decision.verdict) != decision.verdict)
    tell(key, client, decision);
}

PolicyDecision PacketPath::decide(const EchoFlow& key, const Client& client) const {
  return clients_.snapshot().policies->decide(client.sender, {.destination = key.destination,
                                                              .network = client.identity->network,
                                                              .protocol = Protocol::icmp});
}

std::optional<RouteTarget> PacketPath::find_route(const EchoFlow& key, const Client& client) const {
  if (client.routes == nullptr) return std::nullopt;
  return client.routes->lookup(key.destination);
}

void PacketPath::tell(const EchoFlow& key, const Client& client, const PolicyDecision& decision) {
  if (flow_log_ == nullptr) return;
  const Snapshot& snapshot = clients_.snapshot();
  const auto route = find_route(key, client);
  flow_log_->on_verdict({.who = client.identity,
                         .from = key.client,
                         .to = key.destination,
                         .protocol = Protocol::icmp,
                         .verdict = decision.verdict,
                         .rule = decision.rule,
                         .policies = snapshot.policies,
                         .tunnel = route ? snapshot.routing->tunnels[*route] : nullptr});
}

// Back to the client: an echo reply, or an error that quotes a request, of a live flow.

void PacketPath::on_tunnel_packet(LiveConnection& from, Bytes bytes, Time now) {
  auto packet = pool_.copy(bytes);
  if (!packet) return to_client_.count_lost(DropReason::no_buffer);
  to_client_.from = &from;
  forwarder_.forward(std::move(*packet), to_client_, nullptr, now);
}

std::uint64_t PacketPath::ReplyRouter::ingress() const { return number_of(from->tunnel); }

// Nothing here keeps a flow alive: only its client's requests do (RFC 5508, REQ-6 for errors).
tl::expected<Link*, DropReason> PacketPath::ReplyRouter::next_hop(const IpView& packet, Time now) {
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
  FlowState* flow = path_.flows_.find(key, now);
  if (flow == nullptr || flow->tunnel != from->tunnel) return drop(DropReason::no_flow);
  const Client* client = path_.clients_.find(flow->client);
  if (client == nullptr) return drop(DropReason::no_flow);
  if (!client->identity) return drop(DropReason::device_revoked);
  if (flow->judgement != client->judgement) path_.judge_again(key, *flow, *client);
  if (flow->verdict == Verdict::deny) return drop(DropReason::policy_denied);
  if (icmp->kind == IcmpKind::echo_reply) path_.tunnels_.note_reply(*from, packet.family());
  return client->link;
}

}  // namespace oneping::edge
