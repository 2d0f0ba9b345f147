// Why a packet was not forwarded. The reason is the metric's label, the word in the log, and what
// decides which ICMP error, if any, its sender gets (forward/error_for_drop.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace oneping {

enum class DropReason : std::uint8_t {
  // The bytes are not a packet that we understand.
  truncated,          // shorter than its own header or length fields say
  bad_version,        // neither IPv4 nor IPv6
  bad_header_length,  // IPv4 IHL below 5 or past the end
  bad_total_length,   // length field smaller than the header
  bad_ip_checksum,
  bad_icmp_checksum,
  bad_udp_checksum,
  fragment,            // not reassembled here
  bad_fragment,        // no whole packet can be made of it
  fragment_repeated,   // that piece is here already
  fragment_overlap,    // pieces that contradict each other: an attack (RFC 5722)
  extension_header,    // IPv6 extension header other than hop-by-hop
  unknown_datagram,    // tunnel datagram of a type that we do not know
  malformed_datagram,  // tunnel datagram cut short, empty or too long
  // The packet is sound, but this is not for us to carry.
  other_protocol,       // neither ICMP nor UDP
  not_echo_request,     // ICMP towards the network that is no echo request
  not_reply_or_error,   // ICMP towards the client that is neither reply nor error
  source_refused,       // a source that is not the sender's own
  destination_refused,  // loopback, link-local, multicast, broadcast, metadata
  device_revoked,       // its sender may not send at all, or is unknown
  path_hidden,          // an error from behind a connector that is to be one hop
  policy_denied,        // its sender may not reach that destination
  device_rate_limit,    // its device sends more packets a second than it may
  device_flow_limit,    // its device, or its client at a connector, has as many flows as it may
  probe_rate_limit,     // too many packets that will expire at routers of one distance
  session_refused,      // the connector would not have the flow's UDP session
  // Nowhere to send it.
  hop_limit_exceeded,
  no_route,
  no_connection,     // the tunnel has no connection now
  icmp_unavailable,  // this connector may not open ping sockets
  udp_unavailable,   // this connector carries no UDP
  host_unreachable,  // the next host does not answer, or this host's routes say so
  too_big,           // larger than the next link carries
  // It does not belong to anything that we know.
  no_flow,         // reply or error that no live request asked for
  reply_mismatch,  // a reply or error that does not fit the request's destination or payload
  error_repeated,  // an error about a request that has had some
  session_error,   // an error about a datagram of a UDP session, which has no words for it
  // No room.
  flow_table_full,
  queue_full,
  no_buffer,
  expired,             // waited too long in a queue
  reassembly_full,     // made way for newer fragments
  reassembly_timeout,  // the other pieces never came
  // The system refused.
  send_failed,
  link_down,
  kCount,
};

inline constexpr std::size_t kDropReasons = static_cast<std::size_t>(DropReason::kCount);

// The metric label and log word, as spelled above.
[[nodiscard]] std::string_view to_string(DropReason reason);

}  // namespace oneping
