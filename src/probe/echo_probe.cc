#include "probe/echo_probe.h"

#include <algorithm>

namespace oneping::probe {

bool Refusal::passes_soon() const {
  return reason == DropReason::queue_full || reason == DropReason::no_buffer ||
         reason == DropReason::expired;
}

std::string_view Refusal::text() const {
  switch (reason) {
    case DropReason::too_big: return "Message too long";
    case DropReason::queue_full:
    case DropReason::no_buffer:
    case DropReason::expired: return "No buffer space available";
    case DropReason::no_route: return "Network is unreachable";
    case DropReason::source_refused: return "Cannot assign requested address";
    case DropReason::destination_refused:
    case DropReason::policy_denied:
    case DropReason::device_revoked: return "Operation not permitted";
    case DropReason::link_down:
    case DropReason::no_connection: return "Network is down";
    default: return to_string(reason);
  }
}

std::optional<Refusal> send_echo(ToolHost& host, const EchoProbe& probe, EchoIdentity identity,
                                 Bytes payload, Time now) {
  const std::size_t size = ip_header_size(probe.source.family()) + kIcmpHeaderSize + payload.size();
  const std::size_t mtu = std::min(host.link.max_packet_size(), host.pool.max_packet_size());
  if (size > mtu) return Refusal{DropReason::too_big, mtu};
  IpHeader header{.source = probe.source,
                  .destination = probe.destination,
                  .hop_limit = probe.hop_limit,
                  .traffic_class = probe.traffic_class,
                  .dont_fragment = probe.dont_fragment};
  // Fragments are put together again by it (RFC 6864, 4); what is never fragmented needs none.
  if (!probe.dont_fragment) header.label = static_cast<std::uint16_t>(host.random.next());
  auto packet = make_echo(host.pool, EchoType::request, header, identity, payload);
  if (!packet) return Refusal{DropReason::no_buffer};
  const auto refused = host.link.send(*packet, now);
  if (!refused) return std::nullopt;
  return Refusal{*refused, host.link.max_packet_size()};
}

}  // namespace oneping::probe
