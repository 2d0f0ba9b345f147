// The way from one uplink to the UDP proxy, for whole packets. There is one for each uplink, so
// that what comes back can go on the connection that its client's last packet came on.
#pragma once

#include <cstdint>

#include "forward/link.h"
#include "proxy/udp_proxy.h"

namespace oneping::connector {

class UdpLink final : public Link {
 public:
  UdpLink(UdpProxy& proxy, std::uint8_t tag) : proxy_(proxy), tag_(tag) {}

  std::optional<DropReason> send(Packet& packet, Time now) override {
    const auto ip = IpView::parse(packet.bytes());
    if (!ip) return ip.error();
    const auto udp = UdpView::parse(*ip);
    if (!udp) return udp.error();
    auto refusal = proxy_.send(*ip, *udp, tag_, now);
    if (!refusal) packet = Packet();
    return refusal;
  }

  // The host's own interfaces judge sizes.
  [[nodiscard]] std::size_t max_packet_size() const override { return PacketPool::kMaxLargeSize; }

 private:
  UdpProxy& proxy_;
  std::uint8_t tag_;
};

}  // namespace oneping::connector
