#include "base/drop_reason.h"

namespace oneping {

std::string_view to_string(DropReason reason) {
  switch (reason) {
    case DropReason::truncated: return "truncated";
    case DropReason::bad_version: return "bad_version";
    case DropReason::bad_header_length: return "bad_header_length";
    case DropReason::bad_total_length: return "bad_total_length";
    case DropReason::bad_ip_checksum: return "bad_ip_checksum";
    case DropReason::bad_icmp_checksum: return "bad_icmp_checksum";
    case DropReason::bad_udp_checksum: return "bad_udp_checksum";
    case DropReason::fragment: return "fragment";
    case DropReason::bad_fragment: return "bad_fragment";
    case DropReason::fragment_repeated: return "fragment_repeated";
    case DropReason::fragment_overlap: return "fragment_overlap";
    case DropReason::extension_header: return "extension_header";
    case DropReason::unknown_datagram: return "unknown_datagram";
    case DropReason::malformed_datagram: return "malformed_datagram";
    case DropReason::other_protocol: return "other_protocol";
    case DropReason::not_echo_request: return "not_echo_request";
    case DropReason::not_reply_or_error: return "not_reply_or_error";
    case DropReason::source_refused: return "source_refused";
    case DropReason::destination_refused: return "destination_refused";
    case DropReason::device_revoked: return "device_revoked";
    case DropReason::path_hidden: return "path_hidden";
    case DropReason::policy_denied: return "policy_denied";
    case DropReason::device_rate_limit: return "device_rate_limit";
    case DropReason::device_flow_limit: return "device_flow_limit";
    case DropReason::probe_rate_limit: return "probe_rate_limit";
    case DropReason::session_refused: return "session_refused";
    case DropReason::hop_limit_exceeded: return "hop_limit_exceeded";
    case DropReason::no_route: return "no_route";
    case DropReason::no_connection: return "no_connection";
    case DropReason::icmp_unavailable: return "icmp_unavailable";
    case DropReason::udp_unavailable: return "udp_unavailable";
    case DropReason::host_unreachable: return "host_unreachable";
    case DropReason::too_big: return "too_big";
    case DropReason::no_flow: return "no_flow";
    case DropReason::reply_mismatch: return "reply_mismatch";
    case DropReason::error_repeated: return "error_repeated";
    case DropReason::session_error: return "session_error";
    case DropReason::flow_table_full: return "flow_table_full";
    case DropReason::queue_full: return "queue_full";
    case DropReason::no_buffer: return "no_buffer";
    case DropReason::expired: return "expired";
    case DropReason::reassembly_full: return "reassembly_full";
    case DropReason::reassembly_timeout: return "reassembly_timeout";
    case DropReason::send_failed: return "send_failed";
    case DropReason::link_down: return "link_down";
    case DropReason::kCount: break;
  }
  return "unknown";
}

}  // namespace oneping
