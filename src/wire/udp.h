// UDP (RFC 768; RFC 8200, 8.1): reading datagrams and writing them.
#pragma once

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "base/packet.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping {

inline constexpr std::size_t kUdpHeaderSize = 8;
// What one datagram carries at most: over IPv4, the narrower of the two, and so everywhere.
inline constexpr std::size_t kMaxUdpPayload = 65535 - kIpv4HeaderSize - kUdpHeaderSize;

inline constexpr std::uint16_t kDnsPort = 53;

struct UdpPorts {
  std::uint16_t source = 0;
  std::uint16_t destination = 0;
  friend auto operator<=>(const UdpPorts&, const UdpPorts&) = default;
};

// A view of the UDP datagram of a packet; refers to its bytes.
struct UdpView {
  UdpPorts ports;
  std::uint16_t checksum;  // as the sender wrote it; 0: none
  Bytes payload;

  // Fails on what is no UDP (other_protocol, extension_header), on a fragment, a length that does
  // not fit, or a bad checksum. Only over IPv4 there may be none. Bytes behind the datagram's own
  // length are ignored.
  [[nodiscard]] static tl::expected<UdpView, DropReason> parse(const IpView& ip);
};

// The UDP datagram that an ICMP error quotes.
struct QuotedUdp {
  SocketAddress source;
  SocketAddress destination;
};

// Reads the quote of `error`, an ICMP error in `packet`, as quoted_echo_request() does. Fails with
// no_flow when it quotes anything but UDP of the packet's own family.
[[nodiscard]] tl::expected<QuotedUdp, DropReason> quoted_udp(const IpView& packet,
                                                             const IcmpView& error);

// A whole UDP packet; header.protocol is set here. `payload` is no larger than the length fields of
// both headers can say. Nothing if the pool has no buffer for it.
[[nodiscard]] std::optional<Packet> make_udp(PacketPool& pool, IpHeader header, UdpPorts ports,
                                             Bytes payload);

}  // namespace oneping
