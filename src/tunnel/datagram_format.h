// The two datagram formats of the tunnel protocol: v2 puts the type behind the payload, v3 in
// front. Which one a connection speaks follows from the features that its connector announced;
// there is no negotiation. Here are the datagrams that carry IP packets; those of UDP
// sessions are beside them (tunnel/udp_format.h).
#pragma once

#include <cstdint>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "base/packet.h"

namespace oneping::tunnel {

enum class DatagramVersion : std::uint8_t { v2, v3 };

// What the protocol's other software accepts: a whole IP packet of at most 1280 bytes, in both
// versions. From it we take whatever comes.
inline constexpr std::size_t kMaxTunnelPacketSize = 1280;
// Bytes that either version puts around an IP packet.
inline constexpr std::size_t kDatagramOverhead = 1;

// Adds the type byte to an IP packet in place: v2 behind it, v3 in front.
void frame_ip_packet(DatagramVersion version, Packet& packet);
// Takes it off again.
void unframe_ip_packet(DatagramVersion version, Packet& packet);

// The IP packet in a datagram. v2 types 1 (IP) and 2 (IP with trace identity, which is skipped);
// v3 type 2. Fails with malformed_datagram (empty, cut short, empty IP packet) or
// unknown_datagram (other types, those of UDP sessions and tracing spans included).
[[nodiscard]] tl::expected<Bytes, DropReason> ip_packet_of(DatagramVersion version, Bytes datagram);

}  // namespace oneping::tunnel
