#include "edge/flow_key.h"

#include "wire/icmp.h"
#include "wire/udp.h"

namespace oneping::edge {

namespace {

tl::unexpected<DropReason> drop(DropReason reason) { return tl::make_unexpected(reason); }

FlowKey echo_flow(const IpAddress& client, const IpAddress& destination, std::uint16_t id) {
  return {.client = client, .destination = destination, .client_port = id};
}

FlowKey udp_flow(const SocketAddress& client, const SocketAddress& destination) {
  return {.client = client.address,
          .destination = destination.address,
          .client_port = client.port,
          .port = destination.port,
          .protocol = Protocol::udp};
}

// An error goes to who sent the quoted packet, and to nobody else.
tl::expected<ReplyFlow, DropReason> flow_of_error(const IpView& packet, const IcmpView& error) {
  FlowKey key;
  if (const auto udp = quoted_udp(packet, error)) {
    key = udp_flow(udp->source, udp->destination);
  } else {
    const auto echo = quoted_echo_request(packet, error);
    if (!echo) return drop(echo.error());
    key = echo_flow(echo->source, echo->destination, echo->identity.id);
  }
  if (packet.destination() != key.client) return drop(DropReason::no_flow);
  return ReplyFlow{key, true};
}

}  // namespace

tl::expected<FlowKey, DropReason> flow_of_request(const IpView& packet) {
  if (packet.protocol() == kProtocolUdp) {
    const auto udp = UdpView::parse(packet);
    if (!udp) return drop(udp.error());
    return udp_flow({packet.source(), udp->ports.source},
                    {packet.destination(), udp->ports.destination});
  }
  const auto icmp = IcmpView::parse(packet);
  if (!icmp) return drop(icmp.error());
  if (icmp->kind != IcmpKind::echo_request) return drop(DropReason::not_echo_request);
  return echo_flow(packet.source(), packet.destination(), icmp->id);
}

tl::expected<ReplyFlow, DropReason> flow_of_reply(const IpView& packet) {
  if (packet.protocol() == kProtocolUdp) {
    const auto udp = UdpView::parse(packet);
    if (!udp) return drop(udp.error());
    return ReplyFlow{udp_flow({packet.destination(), udp->ports.destination},
                              {packet.source(), udp->ports.source}),
                     false};
  }
  const auto icmp = IcmpView::parse(packet);
  if (!icmp) return drop(icmp.error());
  switch (icmp->kind) {
    case IcmpKind::echo_reply:
      return ReplyFlow{echo_flow(packet.destination(), packet.source(), icmp->id), false};
    case IcmpKind::error: return flow_of_error(packet, *icmp);
    case IcmpKind::echo_request:
    case IcmpKind::other: break;
  }
  return drop(DropReason::not_reply_or_error);
}

}  // namespace oneping::edge
