// The way from one uplink to the echo proxy. There is one for each uplink, so that a reply can go
// back on the connection that its request came on.
#pragma once

#include <cstdint>

#include "forward/link.h"
#include "proxy/echo_proxy.h"

namespace oneping::connector {

class EchoLink final : public Link {
 public:
  EchoLink(EchoProxy& proxy, std::uint8_t tag) : proxy_(proxy), tag_(tag) {}

  std::optional<DropReason> send(Packet& packet, Time now) override {
    const auto ip = IpView::parse(packet.bytes());
    if (!ip) return ip.error();
    const auto icmp = IcmpView::parse(*ip);
    if (!icmp) return icmp.error();
    auto refusal = proxy_.request(*ip, *icmp, tag_, now);
    if (!refusal) packet = Packet();
    return refusal;
  }

  // The host's own interfaces judge sizes.
  [[nodiscard]] std::size_t max_packet_size() const override { return PacketPool::kMaxLargeSize; }

 private:
  EchoProxy& proxy_;
  std::uint8_t tag_;
};

}  // namespace oneping::connector
