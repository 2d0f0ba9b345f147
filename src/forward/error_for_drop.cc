#include "forward/error_for_drop.h"

namespace oneping {

namespace {

std::optional<IcmpErrorCause> cause_of(DropReason reason) {
  switch (reason) {
    case DropReason::hop_limit_exceeded: return IcmpErrorCause::hop_limit_exceeded;
    case DropReason::reassembly_timeout: return IcmpErrorCause::reassembly_timeout;
    case DropReason::too_big: return IcmpErrorCause::packet_too_big;
    case DropReason::no_route: return IcmpErrorCause::net_unreachable;
    case DropReason::no_connection:
    case DropReason::host_unreachable: return IcmpErrorCause::host_unreachable;
    case DropReason::source_refused: return IcmpErrorCause::source_refused;
    // We will not carry it, and say so (RFC 1812, 5.2.7.1; RFC 5508, REQ-8 for a full table).
    case DropReason::other_protocol:
    case DropReason::not_echo_request:
    case DropReason::destination_refused:
    case DropReason::device_revoked:
    case DropReason::policy_denied:
    case DropReason::device_rate_limit:
    case DropReason::device_flow_limit:
    case DropReason::probe_rate_limit:
    case DropReason::session_refused:
    case DropReason::icmp_unavailable:
    case DropReason::udp_unavailable:
    case DropReason::flow_table_full: return IcmpErrorCause::admin_prohibited;
    // Broken packets have no sender that could be trusted; the rest is trouble of ours.
    case DropReason::truncated:
    case DropReason::bad_version:
    case DropReason::bad_header_length:
    case DropReason::bad_total_length:
    case DropReason::bad_ip_checksum:
    case DropReason::bad_icmp_checksum:
    case DropReason::bad_udp_checksum:
    case DropReason::fragment:
    case DropReason::bad_fragment:
    case DropReason::fragment_repeated:
    case DropReason::fragment_overlap:
    case DropReason::extension_header:
    case DropReason::unknown_datagram:
    case DropReason::malformed_datagram:
    case DropReason::not_reply_or_error:
    case DropReason::no_flow:
    case DropReason::reply_mismatch:
    case DropReason::error_repeated:
    case DropReason::path_hidden:
    case DropReason::session_error:
    case DropReason::queue_full:
    case DropReason::no_buffer:
    case DropReason::expired:
    case DropReason::reassembly_full:
    case DropReason::send_failed:
    case DropReason::link_down:
    case DropReason::kCount: return std::nullopt;
  }
  return std::nullopt;
}

}  // namespace

std::optional<IcmpErrorCause> error_for_drop(DropReason reason, Unreachables mode) {
  const auto cause = cause_of(reason);
  const bool path_discovery = cause == IcmpErrorCause::hop_limit_exceeded ||
                              cause == IcmpErrorCause::packet_too_big ||
                              cause == IcmpErrorCause::reassembly_timeout;
  if (mode == Unreachables::silent && !path_discovery) return std::nullopt;
  return cause;
}

}  // namespace oneping
