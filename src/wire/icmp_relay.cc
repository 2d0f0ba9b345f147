#include "wire/icmp_relay.h"

#include <algorithm>
#include <array>

#include "wire/icmp_extensions.h"
#include "wire/icmp_message.h"

namespace oneping {

namespace {

constexpr std::size_t kMtuAt = 6;  // IPv4's (RFC 1191, 4)
constexpr std::size_t kPointerAt = 4;

void put_parameter(IpFamily family, const RelayedError& error, std::uint8_t* icmp) {
  if (family == IpFamily::v6) {
    if (error.type == 2 || error.type == 4) store_be32(icmp + 4, error.parameter);
  } else if (error.type == 3 && error.code == 4) {
    store_be16(icmp + kMtuAt, static_cast<std::uint16_t>(std::min(error.parameter, 0xffffu)));
  } else if (error.type == 12) {
    icmp[kPointerAt] = static_cast<std::uint8_t>(error.parameter);
  }
}

// Both headers are as long.
static_assert(kIcmpHeaderSize == kUdpHeaderSize);
using UpperHeader = std::array<std::uint8_t, kIcmpHeaderSize>;

std::size_t write_quote(IpHeader header, std::uint8_t protocol, const UpperHeader& upper,
                        std::size_t payload_size, Bytes payload, MutableBytes out) {
  const std::size_t header_size = ip_header_size(header.source.family());
  header.protocol = protocol;
  write_ip_header(header, upper.size() + payload_size, out.first(header_size));
  icmp_message::copy_bytes(upper, &out[header_size]);
  const std::size_t headers = header_size + upper.size();
  const std::size_t size = std::min({payload.size(), payload_size, out.size() - headers});
  icmp_message::copy_bytes(payload.first(size), out.data() + headers);
  return headers + size;
}

std::size_t write(const EchoQuote& quote, MutableBytes out) { return write_echo_quote(quote, out); }
std::size_t write(const UdpQuote& quote, MutableBytes out) { return write_udp_quote(quote, out); }

template <typename Quote>
std::optional<Packet> make_error(PacketPool& pool, const RelayedError& error, const Quote& quote) {
  const IpFamily family = quote.header.source.family();
  const std::size_t unit = extended_quote_unit(family);
  const std::size_t headers = ip_header_size(family) + kIcmpHeaderSize;
  std::size_t room = icmp_message::max_error_size(family) - headers;
  Bytes extensions = error.extensions;
  // So many that no quote fits in front of them are none that anybody sends.
  if (!may_have_extensions(family, error.type) || extensions.size() + kMinExtendedQuote > room) {
    extensions = {};
  }
  room = (room - extensions.size()) / unit * unit;

  std::array<std::uint8_t, kIpv6MinMtu> written{};
  const std::size_t written_size = write(quote, MutableBytes(written).first(room));
  const std::size_t quote_size =
      extensions.empty() ? written_size : extended_quote_size(family, written_size);

  IpHeader header{.source = error.from,
                  .destination = quote.header.source,
                  .hop_limit = error.hop_limit,
                  .traffic_class = error.traffic_class};
  const std::size_t icmp_size = kIcmpHeaderSize + quote_size + extensions.size();
  auto packet = icmp_message::start(pool, header, error.type, error.code, icmp_size);
  if (!packet) return packet;
  const MutableBytes icmp = packet->bytes().last(icmp_size);
  put_parameter(family, error, icmp.data());
  if (!extensions.empty()) {
    icmp[quote_length_at(family)] = static_cast<std::uint8_t>(quote_size / unit);
  }
  icmp_message::copy_bytes(Bytes(written).first(quote_size), &icmp[kIcmpHeaderSize]);
  icmp_message::copy_bytes(extensions, &icmp[kIcmpHeaderSize + quote_size]);
  icmp_message::set_checksum(header, icmp);
  return packet;
}

}  // namespace

std::size_t write_echo_quote(const EchoQuote& quote, MutableBytes out) {
  const bool v4 = quote.header.source.is_v4();
  UpperHeader icmp{};
  icmp[0] = v4 ? 8 : 128;
  store_be16(&icmp[2], quote.checksum);
  store_be16(&icmp[4], quote.identity.id);
  store_be16(&icmp[6], quote.identity.sequence);
  return write_quote(quote.header, v4 ? kProtocolIcmp : kProtocolIcmpv6, icmp, quote.payload_size,
                     quote.payload, out);
}

std::size_t write_udp_quote(const UdpQuote& quote, MutableBytes out) {
  UpperHeader udp{};
  store_be16(&udp[0], quote.ports.source);
  store_be16(&udp[2], quote.ports.destination);
  store_be16(&udp[4], static_cast<std::uint16_t>(kUdpHeaderSize + quote.payload_size));
  store_be16(&udp[6], quote.checksum);
  return write_quote(quote.header, kProtocolUdp, udp, quote.payload_size, quote.payload, out);
}

std::optional<Packet> make_relayed_error(PacketPool& pool, const RelayedError& error,
                                         const EchoQuote& quote) {
  return make_error(pool, error, quote);
}

std::optional<Packet> make_relayed_error(PacketPool& pool, const RelayedError& error,
                                         const UdpQuote& quote) {
  return make_error(pool, error, quote);
}

}  // namespace oneping
