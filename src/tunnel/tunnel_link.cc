#include "tunnel/tunnel_link.h"

#include <algorithm>

namespace oneping::tunnel {

std::optional<DropReason> TunnelLink::send(Packet& packet, Time now) {
  if (connection_ == nullptr) return DropReason::link_down;
  if (packet.size() > kMaxTunnelPacketSize) return DropReason::too_big;
  frame_ip_packet(version_, packet);
  const auto refusal = connection_->send_datagram(packet, now);
  if (refusal) unframe_ip_packet(version_, packet);
  return refusal;
}

std::size_t TunnelLink::max_packet_size() const {
  if (connection_ == nullptr) return 0;
  const std::size_t datagram = connection_->max_datagram_size();
  return datagram > kDatagramOverhead ? std::min(kMaxTunnelPacketSize, datagram - kDatagramOverhead)
                                      : 0;
}

}  // namespace oneping::tunnel
