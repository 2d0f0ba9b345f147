#include "proxy/darwin_message.h"

#include <algorithm>

#include "wire/checksum.h"
#include "wire/fragment.h"
#include "wire/icmp_extensions.h"
#include "wire/ip.h"

namespace oneping {

namespace {

tl::unexpected<DropReason> drop(DropReason reason) { return tl::make_unexpected(reason); }

// No ICMP message that Darwin hands over has a type of 0x45 to 0x4f, as an IP header has.
bool has_ip_header(const DarwinMessage& message) {
  return message.family == IpFamily::v4 && message.bytes.size() >= kIpv4HeaderSize &&
         message.bytes[0] >> 4 == 4;
}

std::size_t ipv4_header_size(Bytes header) { return std::size_t{header[0]} % 16 * 4; }

// A message without its IP header, of which is kept what counts.
tl::expected<DarwinMessage, DropReason> without_ip_header(DarwinMessage message) {
  if (!has_ip_header(message)) return message;
  const Bytes header = message.bytes;
  const std::size_t size = ipv4_header_size(header);
  if (size < kIpv4HeaderSize || size > header.size()) return drop(DropReason::bad_header_length);
  if (header[9] != kProtocolIcmp) return drop(DropReason::not_reply_or_error);
  if (!message.hop_limit) message.hop_limit = header[8];
  if (!message.traffic_class) message.traffic_class = header[1];
  message.bytes = header.subspan(size);
  return message;
}

// A packet quoted by an error, as far as it is there.
struct Quoted {
  IpAddress destination;
  Bytes icmp;
};

std::optional<Quoted> read_quoted_v4(Bytes quote) {
  if (quote.size() < kIpv4HeaderSize || quote[0] >> 4 != 4 || quote[9] != kProtocolIcmp) {
    return std::nullopt;
  }
  const std::size_t size = ipv4_header_size(quote);
  if (size < kIpv4HeaderSize || size > quote.size()) return std::nullopt;
  return Quoted{IpAddress::from_v4(&quote[16]), quote.subspan(size)};
}

std::optional<Quoted> read_quoted_v6(Bytes quote) {
  const auto ip = IpView::parse_quoted(quote);
  if (!ip || ip->is_v4()) return std::nullopt;
  const Bytes rest = quote.subspan(ip->payload_offset());  // padding too
  if (ip->is_icmp()) return Quoted{ip->destination(), rest};
  // What the kernel has sent in pieces.
  if (!ip->is_fragment() || ip->is_later_fragment() || rest.size() < kFragmentHeaderSize ||
      rest[0] != kProtocolIcmpv6) {
    return std::nullopt;
  }
  return Quoted{ip->destination(), rest.subspan(kFragmentHeaderSize)};
}

// What its type's length field says of the quote, in bytes (RFC 4884, 4).
std::size_t quote_size(IpFamily family, Bytes icmp) {
  const std::size_t words = family == IpFamily::v4 ? icmp[5] : icmp[4];
  return words * extended_quote_unit(family);
}

// The MTU or the pointer, for types that have one.
std::uint32_t parameter(IpFamily family, Bytes icmp) {
  const std::uint8_t type = icmp[0];
  if (family == IpFamily::v6) return type == 2 || type == 4 ? load_be32(&icmp[4]) : 0;
  if (type == 3 && icmp[1] == 4) return load_be16(&icmp[6]);
  return type == 12 ? icmp[4] : 0;
}

tl::expected<DarwinAnswer, DropReason> read_reply(const DarwinMessage& message,
                                                  const EchoIds& ids) {
  const Bytes icmp = message.bytes;
  if (icmp[1] != 0) return drop(DropReason::not_reply_or_error);
  const auto slot = ids.find(message.family, load_be16(&icmp[4]), load_be16(&icmp[6]));
  if (!slot) return drop(DropReason::no_flow);
  return DarwinAnswer{*slot, EchoReply{.source = message.source,
                                       .hop_limit = message.hop_limit.value_or(kHopLimitNotTold),
                                       .traffic_class = message.traffic_class.value_or(0),
                                       .payload = icmp.subspan(kIcmpHeaderSize)}};
}

tl::expected<DarwinAnswer, DropReason> read_error(const DarwinMessage& message,
                                                  const EchoIds& ids) {
  const IpFamily family = message.family;
  const Bytes icmp = message.bytes;
  QuoteAndExtensions parts{icmp.subspan(kIcmpHeaderSize), {}};
  if (may_have_extensions(family, icmp[0])) {
    parts = split_quote(parts.quote, quote_size(family, icmp));
  }
  const auto quoted =
      family == IpFamily::v4 ? read_quoted_v4(parts.quote) : read_quoted_v6(parts.quote);
  if (!quoted || quoted->icmp.size() < kIcmpHeaderSize ||
      icmp_kind(family, quoted->icmp[0]) != IcmpKind::echo_request || quoted->icmp[1] != 0) {
    return drop(DropReason::no_flow);
  }
  const auto slot = ids.find(family, load_be16(&quoted->icmp[4]), load_be16(&quoted->icmp[6]));
  if (!slot) return drop(DropReason::no_flow);
  return DarwinAnswer{*slot, EchoError{.offender = message.source,
                                       .destination = quoted->destination,
                                       .type = icmp[0],
                                       .code = icmp[1],
                                       .parameter = parameter(family, icmp),
                                       .hop_limit = message.hop_limit.value_or(kHopLimitNotTold),
                                       .traffic_class = message.traffic_class.value_or(0),
                                       .payload = quoted->icmp.subspan(kIcmpHeaderSize),
                                       .extensions = parts.extensions}};
}

}  // namespace

tl::expected<DarwinAnswer, DropReason> read_darwin_message(const DarwinMessage& received,
                                                           const EchoIds& ids) {
  const auto message = without_ip_header(received);
  if (!message) return drop(message.error());
  if (message->bytes.size() < kIcmpHeaderSize) return drop(DropReason::truncated);
  switch (icmp_kind(message->family, message->bytes[0])) {
    case IcmpKind::echo_reply: return read_reply(*message, ids);
    case IcmpKind::error: return read_error(*message, ids);
    case IcmpKind::echo_request:
    case IcmpKind::other: break;
  }
  return drop(DropReason::not_reply_or_error);
}

void write_darwin_request(IpFamily family, EchoIdentity identity, Bytes payload, MutableBytes out) {
  const bool v4 = family == IpFamily::v4;
  std::fill_n(out.begin(), kIcmpHeaderSize, std::uint8_t{0});
  out[0] = v4 ? 8 : 128;
  store_be16(&out[4], identity.id);
  store_be16(&out[6], identity.sequence);
  std::ranges::copy(payload, out.begin() + kIcmpHeaderSize);
  if (v4) store_be16(&out[2], checksum(out));
}

}  // namespace oneping
