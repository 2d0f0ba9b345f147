// A tunnel connection as a link: IP packets go out as QUIC datagrams in the connection's format.
// Both ends have it; it borrows the QUIC connection and dies with its owner (EdgeConnection or
// ConnectorConnection).
#pragma once

#include "forward/link.h"
#include "quic/connection.h"
#include "tunnel/datagram_format.h"

namespace oneping::tunnel {

class TunnelLink final : public Link {
 public:
  explicit TunnelLink(quic::Connection& connection) : connection_(&connection) {}

  void set_version(DatagramVersion version) { version_ = version; }
  [[nodiscard]] DatagramVersion version() const { return version_; }

  // Refusals: too_big, link_down.
  [[nodiscard]] std::optional<DropReason> send(Packet& packet, Time now) override;
  // At most kMaxTunnelPacketSize; less until path MTU discovery has found room for it.
  [[nodiscard]] std::size_t max_packet_size() const override;

 private:
  quic::Connection* connection_;
  DatagramVersion version_ = DatagramVersion::v2;
};

}  // namespace oneping::tunnel
