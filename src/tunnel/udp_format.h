// The datagrams of UDP sessions (tunnel/udp_session.h), beside those that carry IP packets
// (tunnel/datagram_format.h). v2 has one kind, payload ‖ id ‖ 00; v3 has three, each with its type
// in front: registration (00), payload (01), response (03).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <tl/expected.hpp>
#include <variant>

#include "base/drop_reason.h"
#include "base/packet.h"
#include "tunnel/datagram_format.h"
#include "tunnel/udp_session.h"

namespace oneping::tunnel {

struct UdpPayload {
  Uuid id{};
  Bytes bytes;  // at most kMaxSessionPayload
};

struct UdpResponse {
  Uuid id{};
  UdpResult result = UdpResult::ok;
  std::string_view error;  // as the peer wrote it
};

using UdpMessage = std::variant<UdpRegistration, UdpPayload, UdpResponse>;

// Whether a datagram is of a UDP session, sound or not.
[[nodiscard]] bool is_udp_message(DatagramVersion version, Bytes datagram);

// Reads such a datagram; what it gives refers to it. Fails with malformed_datagram.
[[nodiscard]] tl::expected<UdpMessage, DropReason> read_udp_message(DatagramVersion version,
                                                                    Bytes datagram);

// What a payload's frame takes.
[[nodiscard]] constexpr std::size_t udp_payload_overhead(DatagramVersion) { return 17; }

// Adds id and type to a payload in place, or takes them off again.
void frame_udp_payload(DatagramVersion version, const Uuid& id, Packet& payload);
void unframe_udp_payload(DatagramVersion version, Packet& payload);

// v3's others; nothing if the pool has no buffer. An idle time is cut to what the field holds, an
// error's words to what peers accept.
[[nodiscard]] std::optional<Packet> make_udp_registration(PacketPool& pool,
                                                          const UdpRegistration& registration);
[[nodiscard]] std::optional<Packet> make_udp_response(PacketPool& pool,
                                                      const UdpResponse& response);

}  // namespace oneping::tunnel
