#include "proxy/udp_proxy.h"

#include <utility>

namespace oneping {

namespace {

// What a session's datagrams leave with: it does not say what its client's had.
constexpr std::uint8_t kSessionHopLimit = 64;

std::optional<DropReason> counted(StageCounters& counters, std::optional<DropReason> refusal) {
  if (refusal) {
    counters.count_dropped(*refusal);
  } else {
    counters.count_forwarded();
  }
  return refusal;
}

}  // namespace

UdpProxy::UdpProxy(Options options, UdpBackend& backend, PacketPool& pool, UdpProxyEvents& events,
                   Random& random)
    : filter_(std::move(options.allow_destinations)),
      backend_(backend),
      pool_(pool),
      events_(events),
      mappings_(options.mappings, backend, static_cast<UdpMappingEvents&>(*this), random.next()),
      identification_(static_cast<std::uint16_t>(random.next())) {}

std::optional<DropReason> UdpProxy::send(const IpView& ip, const UdpView& udp, std::uint8_t tag,
                                         Time now) {
  requests_.count_in();
  return counted(requests_, forward(ip, udp, tag, now));
}

std::optional<DropReason> UdpProxy::forward(const IpView& ip, const UdpView& udp, std::uint8_t tag,
                                            Time now) {
  const SocketAddress remote{ip.destination(), udp.ports.destination};
  if (!ip.source().is_single_host()) return DropReason::source_refused;
  if (is_refused(remote)) return DropReason::destination_refused;
  if (ip.hop_limit() == 0) return DropReason::hop_limit_exceeded;
  const auto owner = UdpOwner::client({ip.source(), udp.ports.source});
  const auto found = mappings_.use(owner, remote, std::nullopt, now);
  if (!found) return found.error();
  UdpMappings::Flow& flow = mappings_.flow(*found);
  mappings_.mapping_of(flow).tag = tag;
  return backend_.send(flow.mapping,
                       {.destination = remote,
                        .hop_limit = ip.hop_limit(),
                        .traffic_class = ip.traffic_class(),
                        .dont_fragment = ip.dont_fragment(),
                        .payload = udp.payload},
                       now);
}

bool UdpProxy::is_refused(const SocketAddress& destination) const {
  return destination.port == 0 ||
         filter_.refuses(destination.address, backend_.is_own_address(destination.address));
}

// Sessions.

std::optional<DropReason> UdpProxy::open_session(const Uuid& id, const SocketAddress& remote,
                                                 Duration idle, std::uint8_t tag, Time now) {
  if (is_refused(remote)) return DropReason::destination_refused;
  const auto owner = UdpOwner::session(id);
  if (const Place known = mappings_.find(owner); known != UdpMappings::kNone) {
    const Place flow = mappings_.only_flow(known);
    const bool is_live = mappings_.is_live(flow, now);
    if (is_live && mappings_.flow(flow).remote != remote) return DropReason::reply_mismatch;
    if (!is_live) mappings_.close(known);
  }
  const auto opened = mappings_.use(owner, remote, idle, now);
  if (!opened) return opened.error();
  mappings_.mapping_of(mappings_.flow(*opened)).tag = tag;
  return std::nullopt;
}

std::optional<DropReason> UdpProxy::send_session(const Uuid& id, Bytes payload, Time now) {
  requests_.count_in();
  return counted(requests_, forward_session(id, payload, now));
}

std::optional<DropReason> UdpProxy::forward_session(const Uuid& id, Bytes payload, Time now) {
  const Place mapping = mappings_.find(UdpOwner::session(id));
  if (mapping == UdpMappings::kNone) return DropReason::no_flow;
  const Place flow = mappings_.only_flow(mapping);
  if (!mappings_.is_live(flow, now)) return DropReason::no_flow;
  mappings_.touch(flow, now);
  return backend_.send(mapping,
                       {.destination = mappings_.flow(flow).remote,
                        .hop_limit = kSessionHopLimit,
                        .traffic_class = 0,
                        .dont_fragment = false,
                        .payload = payload},
                       now);
}

void UdpProxy::close_session(const Uuid& id) {
  const Place mapping = mappings_.find(UdpOwner::session(id));
  if (mapping != UdpMappings::kNone) mappings_.close(mapping);
}

// What comes back.

void UdpProxy::on_udp_reply(UdpSocketId socket, const UdpReply& reply, Time now) {
  replies_.count_in();
  static_cast<void>(counted(replies_, forward_reply(socket, reply, now)));
}

std::optional<DropReason> UdpProxy::forward_reply(UdpSocketId socket, const UdpReply& reply,
                                                  Time now) {
  const Place found = mappings_.find(socket, reply.source, now);
  if (found == UdpMappings::kNone) return DropReason::no_flow;
  mappings_.touch(found, now);
  const UdpMappings::Mapping& mapping = mappings_.mapping_of(mappings_.flow(found));
  if (mapping.owner.is_session()) {
    return events_.on_session_answer(mapping.owner.session(), reply.payload, mapping.tag, now);
  }
  const SocketAddress client = mapping.owner.client();
  const std::size_t size =
      ip_header_size(client.address.family()) + kUdpHeaderSize + reply.payload.size();
  if (size > pool_.max_packet_size()) return DropReason::too_big;
  auto packet = make_udp(pool_,
                         {.source = reply.source.address,
                          .destination = client.address,
                          .hop_limit = reply.hop_limit,
                          .traffic_class = reply.traffic_class,
                          // Routers may fragment it, so it needs an identity (RFC 6864, 4.2).
                          .dont_fragment = false,
                          .identification = identification_++},
                         {reply.source.port, client.port}, reply.payload);
  if (!packet) return DropReason::no_buffer;
  events_.on_udp_answer(std::move(*packet), mapping.tag, now);
  return std::nullopt;
}

void UdpProxy::on_udp_error(UdpSocketId, const UdpError&, Time) {
  errors_.count_in();
  errors_.count_dropped(DropReason::no_flow);
}

bool UdpProxy::on_udp_failure(UdpSocketId, const UdpFailure&, Time) { return false; }

}  // namespace oneping
