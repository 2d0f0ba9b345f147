#include "wire/icmp.h"

#include <algorithm>

#include "wire/checksum.h"
#include "wire/icmp_extensions.h"
#include "wire/icmp_message.h"

namespace oneping {

namespace {

constexpr std::uint8_t kErrorHopLimit = 255;
// Precedence 6, internetwork control (RFC 1812, 4.3.2.5).
constexpr std::uint8_t kErrorTrafficClass = 0xc0;

struct TypeAndCode {
  std::uint8_t type;
  std::uint8_t code;
};

constexpr TypeAndCode error_numbers(IpFamily family, IcmpErrorCause cause) {
  const bool v4 = family == IpFamily::v4;
  switch (cause) {
    case IcmpErrorCause::net_unreachable: return v4 ? TypeAndCode{3, 0} : TypeAndCode{1, 0};
    case IcmpErrorCause::host_unreachable: return v4 ? TypeAndCode{3, 1} : TypeAndCode{1, 3};
    case IcmpErrorCause::admin_prohibited: return v4 ? TypeAndCode{3, 13} : TypeAndCode{1, 1};
    case IcmpErrorCause::source_refused: return v4 ? TypeAndCode{3, 13} : TypeAndCode{1, 5};
    case IcmpErrorCause::packet_too_big: return v4 ? TypeAndCode{3, 4} : TypeAndCode{2, 0};
    case IcmpErrorCause::hop_limit_exceeded: return v4 ? TypeAndCode{11, 0} : TypeAndCode{3, 0};
    case IcmpErrorCause::reassembly_timeout: return v4 ? TypeAndCode{11, 1} : TypeAndCode{3, 1};
  }
  return {3, 13};
}

constexpr std::uint8_t echo_type_number(IpFamily family, EchoType type) {
  if (family == IpFamily::v4) return type == EchoType::request ? 8 : 0;
  return type == EchoType::request ? 128 : 129;
}

struct UpperLayer {
  std::uint8_t protocol;
  Bytes bytes;
};

// What the packet carries behind all IPv6 extension headers (RFC 8200, 4.1). Nothing for a later
// fragment, or when the headers end beyond the packet: then nobody can tell what it is.
std::optional<UpperLayer> upper_layer(const IpView& packet) {
  if (packet.is_later_fragment()) return std::nullopt;
  UpperLayer layer{packet.protocol(), packet.payload()};
  if (packet.is_v4()) return layer;
  while (true) {
    const Bytes rest = layer.bytes;
    std::size_t size = 0;
    switch (layer.protocol) {
      case kProtocolHopByHop:
      case kProtocolRouting:
      case kProtocolDestinationOptions:
        if (rest.size() < 8) return std::nullopt;
        size = (std::size_t{rest[1]} + 1) * 8;
        break;
      case kProtocolAuthentication:  // RFC 4302, 2.2
        if (rest.size() < 8) return std::nullopt;
        size = (std::size_t{rest[1]} + 2) * 4;
        break;
      case kProtocolFragment:
        if (rest.size() < 8 || load_be16(&rest[2]) >> 3 != 0) return std::nullopt;
        size = 8;
        break;
    }
    if (size == 0) return layer;
    if (size > rest.size()) return std::nullopt;
    layer = {rest[0], rest.subspan(size)};
  }
}

// Surely not an error or a redirect. An unknown type might be either, so it counts as one.
bool is_informational(IpFamily family, std::uint8_t type) {
  if (family == IpFamily::v6) {
    return type >= 128 && type != 137;  // RFC 4443, 2.1: errors are below 128; 137 is redirect
  }
  switch (type) {
    case 0:  // echo
    case 8:
    case 9:  // router discovery (RFC 1256)
    case 10:
    case 13:  // timestamp, information, address mask
    case 14:
    case 15:
    case 16:
    case 17:
    case 18:
    case 42:  // extended echo (RFC 8335)
    case 43: return true;
  }
  return false;
}

}  // namespace

IcmpKind icmp_kind(IpFamily family, std::uint8_t type) {
  if (family == IpFamily::v4) {
    switch (type) {
      case 0: return IcmpKind::echo_reply;
      case 8: return IcmpKind::echo_request;
      case 3:
      case 11:
      case 12: return IcmpKind::error;
    }
    return IcmpKind::other;
  }
  switch (type) {
    case 128: return IcmpKind::echo_request;
    case 129: return IcmpKind::echo_reply;
    case 1:
    case 2:
    case 3:
    case 4: return IcmpKind::error;
  }
  return IcmpKind::other;
}

tl::expected<IcmpView, DropReason> IcmpView::parse(const IpView& ip) {
  if (!ip.is_icmp()) return tl::make_unexpected(why_not_read(ip));
  if (ip.is_fragment()) return tl::make_unexpected(DropReason::fragment);
  const Bytes icmp = ip.payload();
  if (icmp.size() < kIcmpHeaderSize) return tl::make_unexpected(DropReason::truncated);
  const std::uint64_t start =
      ip.is_v4() ? 0 : icmpv6_pseudo_header_sum(ip.source(), ip.destination(), icmp.size());
  if (checksum_finish(checksum_add(icmp, start)) != 0) {
    return tl::make_unexpected(DropReason::bad_icmp_checksum);
  }
  return IcmpView{.kind = icmp_kind(ip.family(), icmp[0]),
                  .type = icmp[0],
                  .code = icmp[1],
                  .checksum = load_be16(&icmp[2]),
                  .id = load_be16(&icmp[4]),
                  .sequence = load_be16(&icmp[6]),
                  .payload = icmp.subspan(kIcmpHeaderSize)};
}

tl::expected<QuotedEcho, DropReason> quoted_echo_request(const IpView& packet,
                                                         const IcmpView& error) {
  const auto quoted = IpView::parse_quoted(error.payload);
  if (!quoted) return tl::make_unexpected(quoted.error());
  const auto upper = upper_layer(*quoted);
  const Bytes icmp = upper ? upper->bytes : Bytes();
  const bool is_request = quoted->family() == packet.family() && icmp.size() >= kIcmpHeaderSize &&
                          upper->protocol == (packet.is_v4() ? kProtocolIcmp : kProtocolIcmpv6) &&
                          icmp_kind(quoted->family(), icmp[0]) == IcmpKind::echo_request;
  if (!is_request) return tl::make_unexpected(DropReason::no_flow);
  return QuotedEcho{.source = quoted->source(),
                    .destination = quoted->destination(),
                    .identity = {.id = load_be16(&icmp[4]), .sequence = load_be16(&icmp[6])}};
}

std::optional<Packet> make_echo(PacketPool& pool, EchoType type, IpHeader header,
                                EchoIdentity identity, Bytes payload) {
  const std::size_t icmp_size = kIcmpHeaderSize + payload.size();
  const std::uint8_t number = echo_type_number(header.source.family(), type);
  auto packet = icmp_message::start(pool, header, number, 0, icmp_size);
  if (!packet) return packet;
  const MutableBytes icmp = packet->bytes().last(icmp_size);
  store_be16(&icmp[4], identity.id);
  store_be16(&icmp[6], identity.sequence);
  icmp_message::copy_bytes(payload, icmp.data() + kIcmpHeaderSize);
  icmp_message::set_checksum(header, icmp);
  return packet;
}

bool may_answer_with_error(const IpView& packet, IcmpErrorCause cause) {
  if (!packet.source().is_single_host()) return false;
  const bool to_many = packet.destination().is_multicast() || packet.destination().is_broadcast();
  const bool too_big_v6 = !packet.is_v4() && cause == IcmpErrorCause::packet_too_big;
  if (to_many && !too_big_v6) return false;
  const auto upper = upper_layer(packet);
  if (!upper) return false;
  if (upper->protocol != (packet.is_v4() ? kProtocolIcmp : kProtocolIcmpv6)) return true;
  return !upper->bytes.empty() && is_informational(packet.family(), upper->bytes[0]);
}

std::optional<Packet> make_icmp_error(PacketPool& pool, const IpView& packet, const IpAddress& from,
                                      IcmpErrorCause cause, std::uint32_t mtu, Bytes extensions) {
  const IpFamily family = packet.family();
  const auto [type, code] = error_numbers(family, cause);
  if (!may_have_extensions(family, type)) extensions = {};
  const std::size_t unit = extended_quote_unit(family);
  std::size_t room = icmp_message::max_error_size(family) - ip_header_size(family) -
                     kIcmpHeaderSize - extensions.size();
  if (!extensions.empty()) room = room / unit * unit;
  const Bytes quote = packet.bytes().first(std::min(room, packet.bytes().size()));
  // Zeros fill it up.
  const std::size_t quote_size =
      extensions.empty() ? quote.size() : extended_quote_size(family, quote.size());
  const std::size_t icmp_size = kIcmpHeaderSize + quote_size + extensions.size();
  IpHeader header{.source = from,
                  .destination = packet.source(),
                  .hop_limit = kErrorHopLimit,
                  .traffic_class = packet.is_v4() ? kErrorTrafficClass : std::uint8_t{0}};
  auto error = icmp_message::start(pool, header, type, code, icmp_size);
  if (!error) return error;
  const MutableBytes icmp = error->bytes().last(icmp_size);
  if (cause == IcmpErrorCause::packet_too_big) {
    // IPv4 has 16 bits for it, behind 16 unused ones (RFC 1191, 4).
    store_be32(&icmp[4], packet.is_v4() ? std::min(mtu, std::uint32_t{0xffff}) : mtu);
  }
  icmp_message::copy_bytes(quote, &icmp[kIcmpHeaderSize]);
  if (!extensions.empty()) {
    icmp[quote_length_at(family)] = static_cast<std::uint8_t>(quote_size / unit);
    std::ranges::fill(icmp.subspan(kIcmpHeaderSize + quote.size(), quote_size - quote.size()), 0);
    icmp_message::copy_bytes(extensions, &icmp[kIcmpHeaderSize + quote_size]);
  }
  icmp_message::set_checksum(header, icmp);
  return error;
}

}  // namespace oneping
