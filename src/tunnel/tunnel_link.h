// A tunnel connection as a link: IP packets go out as QUIC datagrams in the connection's format.
// What the protocol's other software takes is a whole packet of at most 1280 bytes; to a peer of
// our own (announcement.h, connector_settings.h) goes whatever a datagram holds, pieces of packets
// too. Both ends have it; it dies with its owner (EdgeConnection or ConnectorConnection), which
// lends it the QUIC connection while packets may flow. At other times everything is refused with
// link_down.
#pragma once

#include "forward/link.h"
#include "quic/connection.h"
#include "tunnel/datagram_format.h"
#include "tunnel/udp_format.h"

namespace oneping::tunnel {

class TunnelLink final : public Link {
 public:
  void open(quic::Connection& connection, DatagramVersion version) {
    connection_ = &connection;
    version_ = version;
  }
  void close() { connection_ = nullptr; }

  // The peer has said that it takes them.
  void allow_large_packets() { is_large_allowed_ = true; }

  [[nodiscard]] bool is_open() const { return connection_ != nullptr; }
  [[nodiscard]] DatagramVersion version() const { return version_; }

  // Refusals: too_big, link_down.
  [[nodiscard]] std::optional<DropReason> send(Packet& packet, Time now) override;
  // The payload of a UDP session, framed with its id; otherwise as send().
  [[nodiscard]] std::optional<DropReason> send_udp(const Uuid& id, Packet& payload, Time now);
  // A datagram of any other kind, as it is.
  [[nodiscard]] std::optional<DropReason> send_datagram(Packet& datagram, Time now);
  // The largest payload that send_udp() takes now; 0 when closed.
  [[nodiscard]] std::size_t max_udp_payload() const;
  // Grows with path MTU discovery; 0 when closed.
  [[nodiscard]] std::size_t max_packet_size() const override;
  [[nodiscard]] bool takes_fragments() const override { return is_large_allowed_; }

 private:
  quic::Connection* connection_ = nullptr;
  DatagramVersion version_ = DatagramVersion::v2;
  bool is_large_allowed_ = false;
};

}  // namespace oneping::tunnel
