#include "proxy/echo_proxy.h"

#include <algorithm>

#include "proxy/reply_header.h"
#include "wire/icmp_relay.h"

namespace oneping {

namespace {

EchoChannelKind kind_for(const IpView& ip) {
  using enum EchoChannelKind;
  if (ip.dont_fragment()) return ip.is_v4() ? v4_dont_fragment : v6_dont_fragment;
  return ip.is_v4() ? v4_may_fragment : v6_may_fragment;
}

// A request as its client sent it, but for its hop limit. `payload` is what is known of its own.
EchoQuote quote_of(const EchoRecord& record, EchoChannelKind kind, std::uint8_t hop_limit,
                   Bytes payload) {
  return {.header = {.source = record.client,
                     .destination = record.destination,
                     .hop_limit = hop_limit,
                     .traffic_class = record.traffic_class,
                     .dont_fragment = kind == EchoChannelKind::v4_dont_fragment,
                     .label = record.label},
          .identity = record.identity,
          .checksum = record.checksum,
          .payload_size = record.payload_size,
          .payload = payload};
}

EchoSlots make_slots(EchoChannelKind kind, const EchoBackend& backend,
                     const EchoSlots::Options& options) {
  return {kind, backend.channels(kind), options};
}

}  // namespace

EchoProxy::EchoProxy(Options options, EchoBackend& backend, PacketPool& pool,
                     EchoProxyEvents& events, Random& random)
    : filter_(std::move(options.allow_destinations)),
      backend_(backend),
      pool_(pool),
      events_(events),
      hash_(random),
      slots_{make_slots(EchoChannelKind::v4_dont_fragment, backend, options.slots),
             make_slots(EchoChannelKind::v4_may_fragment, backend, options.slots),
             make_slots(EchoChannelKind::v6_dont_fragment, backend, options.slots),
             make_slots(EchoChannelKind::v6_may_fragment, backend, options.slots)},
      identification_(static_cast<std::uint32_t>(random.next())) {}

std::optional<DropReason> EchoProxy::request(const IpView& ip, const IcmpView& icmp,
                                             std::uint8_t tag, Time now) {
  requests_.count_in();
  const auto refusal = forward_request(ip, icmp, tag, now);
  requests_.count_outcome(refusal);
  return refusal;
}

std::optional<DropReason> EchoProxy::forward_request(const IpView& ip, const IcmpView& icmp,
                                                     std::uint8_t tag, Time now) {
  // Another code would go out as 0: not what the client sent.
  if (icmp.kind != IcmpKind::echo_request || icmp.code != 0) return DropReason::not_echo_request;
  if (!ip.source().is_single_host()) return DropReason::source_refused;
  if (is_refused(ip.destination())) return DropReason::destination_refused;
  if (ip.hop_limit() == 0) return DropReason::hop_limit_exceeded;

  const EchoChannelKind kind = kind_for(ip);
  EchoSlots& table = slots(kind);
  if (table.capacity() == 0) return DropReason::icmp_unavailable;
  const EchoRecord record{.client = ip.source(),
                          .destination = ip.destination(),
                          .identity = {.id = icmp.id, .sequence = icmp.sequence},
                          .payload_fingerprint = fingerprint(icmp.payload),
                          .label = ip.label(),
                          .checksum = icmp.checksum,
                          .payload_size = static_cast<std::uint16_t>(icmp.payload.size()),
                          .hop_limit = ip.hop_limit(),
                          .traffic_class = ip.traffic_class(),
                          .tag = tag};
  const auto slot = table.open(record, flow_of(record), now);
  if (!slot) return DropReason::flow_table_full;
  const auto hop_limit = is_path_hidden_ ? std::nullopt : std::optional(ip.hop_limit());
  const auto refusal = backend_.send(*slot,
                                     {.destination = ip.destination(),
                                      .hop_limit = hop_limit,
                                      .traffic_class = ip.traffic_class(),
                                      .payload = icmp.payload},
                                     now);
  if (refusal) table.cancel(*slot, now);
  return refusal;
}

bool EchoProxy::is_refused(const IpAddress& destination) const {
  return filter_.refuses(destination, backend_.is_broadcast(destination));
}

void EchoProxy::on_echo_reply(const EchoSlot& slot, const EchoReply& reply, Time now) {
  replies_.count_in();
  replies_.count_outcome(forward_reply(slot, reply, now));
}

std::optional<DropReason> EchoProxy::forward_reply(const EchoSlot& slot, const EchoReply& reply,
                                                   Time now) {
  EchoSlots& table = slots(slot.kind);
  const EchoRecord* record = table.find(slot);
  if (record == nullptr) return DropReason::no_flow;
  if (reply.source != record->destination ||
      fingerprint(reply.payload) != record->payload_fingerprint) {
    return DropReason::reply_mismatch;
  }
  const bool duplicate = table.mark_answered(slot, now) == EchoSlots::Answer::duplicate;

  const std::size_t size = kIcmpHeaderSize + reply.payload.size();
  IpHeader header = reply_header(record->destination, record->client, size, identification_++);
  header.hop_limit = reply.hop_limit;
  header.traffic_class = reply.traffic_class;
  if (ip_header_size(header) + size > pool_.max_large_size()) return DropReason::too_big;
  auto packet = make_echo(pool_, EchoType::reply, header, record->identity, reply.payload);
  if (!packet) return DropReason::no_buffer;
  if (duplicate) ++duplicates_;
  events_.on_answer(std::move(*packet), record->tag, now);
  return std::nullopt;
}

void EchoProxy::on_echo_error(const EchoSlot& slot, const EchoError& error, Time now) {
  errors_.count_in();
  errors_.count_outcome(forward_error(slot, error, now));
}

// No error refreshes or ends a slot (RFC 5508, REQ-6), so a late one is as good as an early one.
std::optional<DropReason> EchoProxy::forward_error(const EchoSlot& slot, const EchoError& error,
                                                   Time now) {
  const IpFamily family = error.destination.family();
  // Redirects are for this host, and source quench is nobody's any more (RFC 6633).
  if (icmp_kind(family, error.type) != IcmpKind::error) return DropReason::not_reply_or_error;
  if (is_path_hidden_) return DropReason::path_hidden;
  EchoSlots& table = slots(slot.kind);
  const EchoRecord* record = table.find(slot);
  if (record == nullptr) return DropReason::no_flow;
  if (error.destination != record->destination || !may_be_payload(*record, error.payload)) {
    return DropReason::reply_mismatch;
  }
  if (!may_be_relayed_from(error.offender, family)) return DropReason::source_refused;
  if (!table.count_error(slot)) return DropReason::error_repeated;

  const std::uint8_t hop_limit =
      quoted_hop_limit(family, error.type, error.code, record->hop_limit);
  auto packet = make_relayed_error(pool_,
                                   {.from = error.offender,
                                    .hop_limit = error.hop_limit,
                                    .traffic_class = error.traffic_class,
                                    .type = error.type,
                                    .code = error.code,
                                    .parameter = error.parameter,
                                    .extensions = error.extensions},
                                   quote_of(*record, slot.kind, hop_limit, error.payload));
  if (!packet) return DropReason::no_buffer;
  events_.on_answer(std::move(*packet), record->tag, now);
  return std::nullopt;
}

bool EchoProxy::on_echo_failure(const EchoSlot& slot, const EchoFailure& failure, Time now) {
  EchoSlots& table = slots(slot.kind);
  const EchoRecord* record = table.find(slot);
  if (record == nullptr || failure.destination != record->destination ||
      !may_be_payload(*record, failure.payload)) {
    return false;
  }
  // This hop's own errors quote the packet as it came in here.
  const auto hop_limit = static_cast<std::uint8_t>(record->hop_limit + 1);
  std::array<std::uint8_t, kIpv6MinMtu> written;
  const std::size_t size =
      write_echo_quote(quote_of(*record, slot.kind, hop_limit, failure.payload), written);
  const auto request = IpView::parse_quoted(Bytes(written).first(size));
  const bool told =
      request && events_.on_undeliverable(*request, failure.reason, failure.mtu, record->tag, now);
  if (!failure.was_sent) table.cancel(slot, now);
  return told;
}

bool EchoProxy::may_be_payload(const EchoRecord& record, Bytes payload) const {
  return payload.size() < record.payload_size ||
         fingerprint(payload.first(record.payload_size)) == record.payload_fingerprint;
}

void EchoProxy::on_time(Time now) {
  for (EchoSlots& table : slots_) table.expire(now);
}

Time EchoProxy::next_deadline() const {
  Time next = kNever;
  for (const EchoSlots& table : slots_) next = std::min(next, table.next_deadline());
  return next;
}

std::uint64_t EchoProxy::expired() const {
  std::uint64_t sum = 0;
  for (const EchoSlots& table : slots_) sum += table.expired();
  return sum;
}

std::uint64_t EchoProxy::evicted() const {
  std::uint64_t sum = 0;
  for (const EchoSlots& table : slots_) sum += table.evicted();
  return sum;
}

std::size_t EchoProxy::outstanding() const {
  std::size_t sum = 0;
  for (const EchoSlots& table : slots_) sum += table.pending();
  return sum;
}

std::size_t EchoProxy::memory() const {
  std::size_t sum = 0;
  for (const EchoSlots& table : slots_) sum += table.memory();
  return sum;
}

std::uint32_t EchoProxy::fingerprint(Bytes payload) const {
  return static_cast<std::uint32_t>(hash_(payload));
}

// What routers that balance load see of a ping, whoever's it is: its ends and its id.
std::uint64_t EchoProxy::flow_of(const EchoRecord& record) const {
  constexpr std::size_t kLongestAddress = 16;
  std::array<std::uint8_t, 2 * kLongestAddress + 2> key;
  // Of an IPv4 address only the end differs.
  const std::size_t size = record.client.is_v4() ? 4 : kLongestAddress;
  auto end = std::ranges::copy(Bytes(record.client.bytes()).last(size), key.begin()).out;
  end = std::ranges::copy(Bytes(record.destination.bytes()).last(size), end).out;
  store_be16(&*end, record.identity.id);
  return hash_(Bytes(key).first(2 * size + 2));
}

EchoSlots& EchoProxy::slots(EchoChannelKind kind) { return slots_[static_cast<std::size_t>(kind)]; }

}  // namespace oneping
