#include "masque/ip_link.h"

#include <algorithm>

namespace oneping::masque {

namespace {

constexpr std::uint8_t kIpContext = 0;  // RFC 9484, 5
constexpr std::size_t kContextSize = 1;

}  // namespace

std::optional<DropReason> IpLink::send(Packet& packet, Time now) {
  if (http_ == nullptr) return DropReason::link_down;
  if (packet.size() > max_packet_size()) return DropReason::too_big;
  *packet.prepend(kContextSize) = kIpContext;
  const auto refusal = http_->send_datagram(stream_, packet, now);
  if (!refusal) return std::nullopt;
  packet.remove_prefix(kContextSize);
  return DropReason::link_down;  // too big for the path, but promised
}

std::size_t IpLink::max_packet_size() const {
  return http_ == nullptr ? 0 : std::max(promised_, max_packet_on_path(*http_, stream_));
}

std::size_t max_packet_on_path(const Http3& http, StreamId stream) {
  const std::size_t payload = http.max_datagram_payload(stream);
  return payload > kContextSize ? payload - kContextSize : 0;
}

}  // namespace oneping::masque
