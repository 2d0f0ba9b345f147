#include "tunnel/tunnel_link.h"

#include <algorithm>

#include "wire/fragment.h"

namespace oneping::tunnel {

std::optional<DropReason> TunnelLink::send(Packet& packet, Time now) {
  if (connection_ == nullptr) return DropReason::link_down;
  const std::size_t largest = max_packet_size();
  if (largest == 0) return DropReason::link_down;
  // Others know no fragment header, not even that of a whole packet.
  const auto removed = is_large_allowed_ ? std::nullopt : remove_fragment_header(packet);
  std::optional<DropReason> refusal = DropReason::too_big;
  if (packet.size() <= largest) {
    frame_ip_packet(version_, packet);
    refusal = connection_->send_datagram(packet, now);
    if (refusal) unframe_ip_packet(version_, packet);
  }
  if (refusal && removed) put_fragment_header_back(packet, *removed);
  return refusal;
}

std::size_t TunnelLink::max_packet_size() const {
  if (connection_ == nullptr) return 0;
  const std::size_t datagram = connection_->max_datagram_size();
  if (datagram <= kDatagramOverhead) return 0;
  const std::size_t largest = datagram - kDatagramOverhead;
  return is_large_allowed_ ? largest : std::min(kMaxTunnelPacketSize, largest);
}

std::optional<DropReason> TunnelLink::send_udp(const Uuid& id, Packet& payload, Time now) {
  if (connection_ == nullptr) return DropReason::link_down;
  if (payload.size() > kMaxSessionPayload) return DropReason::too_big;
  frame_udp_payload(version_, id, payload);
  const auto refusal = connection_->send_datagram(payload, now);
  if (refusal) unframe_udp_payload(version_, payload);
  return refusal;
}

std::optional<DropReason> TunnelLink::send_datagram(Packet& datagram, Time now) {
  if (connection_ == nullptr) return DropReason::link_down;
  return connection_->send_datagram(datagram, now);
}

std::size_t TunnelLink::max_udp_payload() const {
  if (connection_ == nullptr) return 0;
  const std::size_t datagram = connection_->max_datagram_size();
  const std::size_t overhead = udp_payload_overhead(version_);
  return datagram > overhead ? std::min(kMaxSessionPayload, datagram - overhead) : 0;
}

}  // namespace oneping::tunnel
