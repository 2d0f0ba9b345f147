// An ICMP error that a router sent to us about an echo request or a UDP datagram of ours, made into
// the error that this router would have sent to the client whose packet that was (RFC 5508, REQ-4;
// RFC 7915 does the like for the header).
#pragma once

#include <cstdint>
#include <optional>

#include "base/packet.h"
#include "wire/icmp.h"
#include "wire/udp.h"

namespace oneping {

// An echo request as its sender sent it, of which only the beginning may be known.
struct EchoQuote {
  IpHeader header;  // `protocol` is set here
  EchoIdentity identity;
  std::uint16_t checksum = 0;    // the sender's own: it cannot be computed from a beginning
  std::size_t payload_size = 0;  // of the whole request
  Bytes payload;                 // its beginning; longer than payload_size: padded
};

// Writes as much of it as is known and fits into `out`; says how much that was. `out` holds an IP
// header and kIcmpHeaderSize at least. No IP options, no extension headers: what leaves a proxy has
// none.
std::size_t write_echo_quote(const EchoQuote& quote, MutableBytes out);

// A UDP datagram likewise.
struct UdpQuote {
  IpHeader header;  // `protocol` is set here
  UdpPorts ports;
  std::uint16_t checksum = 0;    // the sender's own; 0: he wrote none
  std::size_t payload_size = 0;  // of the whole datagram
  Bytes payload;                 // its beginning; longer than payload_size: padded
};

std::size_t write_udp_quote(const UdpQuote& quote, MutableBytes out);

struct RelayedError {
  IpAddress from;  // the router's own address
  std::uint8_t hop_limit = 0;
  std::uint8_t traffic_class = 0;
  std::uint8_t type = 0;
  std::uint8_t code = 0;
  std::uint32_t parameter = 0;  // MTU or pointer, for types that have one
  Bytes extensions;             // RFC 4884; only for types that may have them
};

// Whether its address means something to a client of that family: a link-local router's means
// nothing beyond its link.
[[nodiscard]] inline bool may_be_relayed_from(const IpAddress& router, IpFamily family) {
  return router.family() == family && router.is_single_host() && !router.is_link_local();
}

// The error, to the sender of the quoted packet. At most 576 bytes (RFC 1812, 4.3.2.3) or 1280
// (RFC 4443, 2.4 (c)); the quote is cut to what fits. Nothing if the pool has no buffer.
[[nodiscard]] std::optional<Packet> make_relayed_error(PacketPool& pool, const RelayedError& error,
                                                       const EchoQuote& quote);
[[nodiscard]] std::optional<Packet> make_relayed_error(PacketPool& pool, const RelayedError& error,
                                                       const UdpQuote& quote);

}  // namespace oneping
