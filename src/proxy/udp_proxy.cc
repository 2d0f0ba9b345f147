#include "proxy/udp_proxy.h"

#include <array>
#include <utility>

#include "proxy/reply_header.h"
#include "wire/icmp_relay.h"

namespace oneping {

namespace {

// About one datagram there is one error, and perhaps copies of it.
constexpr std::uint8_t kMaxErrors = 3;

// A datagram as its client sent it, but for its hop limit. `payload` is what is known of its own.
UdpQuote quote_of(const UdpSent& sent, const SocketAddress& client, const SocketAddress& remote,
                  std::uint8_t hop_limit, Bytes payload) {
  return {.header = {.source = client.address,
                     .destination = remote.address,
                     .hop_limit = hop_limit,
                     .traffic_class = sent.traffic_class,
                     .dont_fragment = client.address.is_v4() && sent.dont_fragment,
                     .label = sent.label},
          .ports = {client.port, remote.port},
          .checksum = sent.checksum,
          .payload_size = sent.payload_size,
          .payload = payload};
}

}  // namespace

UdpProxy::UdpProxy(Options options, UdpBackend& backend, PacketPool& pool, UdpProxyEvents& events,
                   Random& random)
    : filter_(std::move(options.allow_destinations)),
      backend_(backend),
      pool_(pool),
      events_(events),
      mappings_(options.mappings, backend, static_cast<UdpMappingEvents&>(*this), random.next()),
      identification_(static_cast<std::uint32_t>(random.next())) {}

std::optional<DropReason> UdpProxy::send(const IpView& ip, const UdpView& udp, std::uint8_t tag,
                                         Time now) {
  requests_.count_in();
  const auto refusal = forward(ip, udp, tag, now);
  requests_.count_outcome(refusal);
  return refusal;
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
  flow.errors = 0;
  flow.sent = {.label = ip.label(),
               .checksum = udp.checksum,
               .payload_size = static_cast<std::uint16_t>(udp.payload.size()),
               .hop_limit = ip.hop_limit(),
               .traffic_class = ip.traffic_class(),
               .dont_fragment = ip.dont_fragment()};
  probes_.add(owner.client(), remote, flow.sent, udp.payload);
  return backend_.send(flow.mapping,
                       {.destination = remote,
                        .hop_limit = is_path_hidden_ ? std::nullopt : std::optional(ip.hop_limit()),
                        .traffic_class = ip.traffic_class(),
                        .dont_fragment = ip.dont_fragment(),
                        .payload = udp.payload},
                       now);
}

bool UdpProxy::is_refused(const SocketAddress& destination) const {
  return destination.port == 0 ||
         filter_.refuses(destination.address, backend_.is_broadcast(destination.address));
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
  session_requests_.count_in();
  const auto refusal = forward_session(id, payload, now);
  session_requests_.count_outcome(refusal);
  return refusal;
}

std::optional<DropReason> UdpProxy::forward_session(const Uuid& id, Bytes payload, Time now) {
  const Place mapping = mappings_.find(UdpOwner::session(id));
  if (mapping == UdpMappings::kNone) return DropReason::no_flow;
  const Place flow = mappings_.only_flow(mapping);
  if (!mappings_.is_live(flow, now)) return DropReason::no_flow;
  mappings_.touch(flow, now);
  return backend_.send(mapping,
                       {.destination = mappings_.flow(flow).remote,
                        .hop_limit = std::nullopt,  // it does not say what its client's had
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
  const Place found = mappings_.find(socket, reply.source, now);
  if (found == UdpMappings::kNone) {
    replies_.count_in();
    return replies_.count_dropped(DropReason::no_flow);
  }
  mappings_.touch(found, now);
  const UdpMappings::Mapping& mapping = mappings_.mapping_of(mappings_.flow(found));
  StageCounters& counters = mapping.owner.is_session() ? session_replies_ : replies_;
  counters.count_in();
  counters.count_outcome(forward_reply(mapping, reply, now));
}

std::optional<DropReason> UdpProxy::forward_reply(const UdpMappings::Mapping& mapping,
                                                  const UdpReply& reply, Time now) {
  if (mapping.owner.is_session()) {
    return events_.on_session_answer(mapping.owner.session(), reply.payload, mapping.tag, now);
  }
  const SocketAddress client = mapping.owner.client();
  const std::size_t udp_size = kUdpHeaderSize + reply.payload.size();
  IpHeader header = reply_header(reply.source.address, client.address, udp_size, identification_++);
  header.hop_limit = reply.hop_limit;
  header.traffic_class = reply.traffic_class;
  if (ip_header_size(header) + udp_size > pool_.max_large_size()) return DropReason::too_big;
  auto packet = make_udp(pool_, header, {reply.source.port, client.port}, reply.payload);
  if (!packet) return DropReason::no_buffer;
  events_.on_udp_answer(std::move(*packet), mapping.tag, now);
  return std::nullopt;
}

void UdpProxy::on_udp_error(UdpSocketId socket, const UdpError& error, Time now) {
  errors_.count_in();
  errors_.count_outcome(forward_error(socket, error, now));
}

UdpProxy::About UdpProxy::what_is_quoted(UdpMappings::Flow& flow, const SocketAddress& client,
                                         Bytes payload) {
  SentProbes::Probe* const probe = probes_.find(client, flow.remote, payload);
  return probe == nullptr ? About{flow.sent, flow.errors} : About{probe->sent, probe->errors};
}

// No error refreshes or ends a flow (RFC 4787, REQ-12).
std::optional<DropReason> UdpProxy::forward_error(UdpSocketId socket, const UdpError& error,
                                                  Time now) {
  const IpFamily family = error.destination.address.family();
  // Redirects are for this host, and source quench is nobody's any more (RFC 6633).
  if (icmp_kind(family, error.type) != IcmpKind::error) return DropReason::not_reply_or_error;
  const Place found = mappings_.find(socket, error.destination, now);
  if (found == UdpMappings::kNone) return DropReason::no_flow;
  UdpMappings::Flow& flow = mappings_.flow(found);
  const UdpMappings::Mapping& mapping = mappings_.mapping_of(flow);
  if (mapping.owner.is_session()) return DropReason::session_error;
  if (is_path_hidden_ && error.offender != error.destination.address) {
    return DropReason::path_hidden;
  }
  if (!may_be_relayed_from(error.offender, family)) return DropReason::source_refused;
  const SocketAddress client = mapping.owner.client();
  const auto [sent, errors] = what_is_quoted(flow, client, error.payload);
  if (errors == kMaxErrors) return DropReason::error_repeated;
  ++errors;

  auto packet = make_relayed_error(
      pool_,
      {.from = error.offender,
       .hop_limit = error.hop_limit,
       .traffic_class = error.traffic_class,
       .type = error.type,
       .code = error.code,
       .parameter = error.parameter,
       .extensions = error.extensions},
      quote_of(sent, client, flow.remote,
               quoted_hop_limit(family, error.type, error.code, sent.hop_limit), error.payload));
  if (!packet) return DropReason::no_buffer;
  events_.on_udp_answer(std::move(*packet), mapping.tag, now);
  return std::nullopt;
}

bool UdpProxy::on_udp_failure(UdpSocketId socket, const UdpFailure& failure, Time now) {
  const Place found = mappings_.find(socket, failure.destination, now);
  if (found == UdpMappings::kNone) return false;
  UdpMappings::Flow& flow = mappings_.flow(found);
  const UdpMappings::Mapping& mapping = mappings_.mapping_of(flow);
  if (mapping.owner.is_session()) return false;
  const SocketAddress client = mapping.owner.client();
  const UdpSent& sent = what_is_quoted(flow, client, failure.payload).sent;
  // This hop's own errors quote the packet as it came in here.
  const auto hop_limit = static_cast<std::uint8_t>(sent.hop_limit + 1);
  std::array<std::uint8_t, kIpv6MinMtu> written;
  const std::size_t size =
      write_udp_quote(quote_of(sent, client, flow.remote, hop_limit, failure.payload), written);
  const auto packet = IpView::parse_quoted(Bytes(written).first(size));
  return packet &&
         events_.on_udp_undeliverable(*packet, failure.reason, failure.mtu, mapping.tag, now);
}

}  // namespace oneping
