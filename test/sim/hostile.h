// Peers that speak the tunnel protocol well enough to register, and then send whatever they like.
#pragma once

#include <memory>

#include "test/sim/damage.h"
#include "test/sim/world.h"

namespace oneping::sim {

// A connector of a tunnel of the world's, on a node of its own.
class HostileConnector final : public Participant, private tunnel::ConnectorConnectionEvents {
 public:
  explicit HostileConnector(World& world, const std::string& tunnel = "sim");
  ~HostileConnector() override;

  [[nodiscard]] Time next_deadline() const override { return endpoint_->next_deadline(); }
  void turn(Time now) override;
  [[nodiscard]] bool is_registered() const { return connection_->is_registered(); }
  void send(Bytes datagram);

 private:
  void on_registered(tunnel::ConnectorConnection&, const tunnel::RegistrationAccepted&,
                     Time) override {}
  void on_refused(tunnel::ConnectorConnection&, const tunnel::RegistrationRefused&, Time) override {
  }
  void on_unregistered(tunnel::ConnectorConnection&, Time) override {}
  Result<void> on_configuration(tunnel::ConnectorConnection&, std::int32_t, std::string_view,
                                Time) override {
    return {};
  }
  void on_packet(tunnel::ConnectorConnection&, Bytes, Time) override {}
  tunnel::UdpAnswer on_udp_register(tunnel::ConnectorConnection&, const tunnel::UdpRegistration&,
                                    Time) override {
    return {};
  }
  void on_udp_payload(tunnel::ConnectorConnection&, const Uuid&, Bytes, Time) override {}
  void on_udp_end(tunnel::ConnectorConnection&, const Uuid&, Time) override {}
  void on_connect_check(tunnel::ConnectorConnection&, quic::StreamId, const SocketAddress&,
                        Time) override {}
  void on_bad_datagram(tunnel::ConnectorConnection&, DropReason, Time) override {}
  void on_closed(tunnel::ConnectorConnection&, const quic::CloseInfo&, Time) override {}

  World& world_;
  PacketPool pool_;
  SocketAddress address_ = SocketAddress::parse("198.51.100.66:6666").value();
  NetworkSender sender_;
  std::unique_ptr<tunnel::ConnectorConnection> connection_;
  std::unique_ptr<quic::Endpoint> endpoint_;
  quic::Connection* quic_ = nullptr;
};

// Stands where the world's edge was; takes any registration.
class HostileEdge final : public Participant,
                          private quic::Acceptor,
                          private tunnel::EdgeConnectionEvents {
 public:
  explicit HostileEdge(World& world);
  ~HostileEdge() override;

  [[nodiscard]] Time next_deadline() const override { return endpoint_->next_deadline(); }
  void turn(Time now) override;
  // Sends to every connection in turn.
  void send(Bytes datagram);
  std::vector<ByteVector> received;  // IP packets
  std::vector<std::pair<Uuid, tunnel::UdpResult>> udp_answers;
  std::vector<std::pair<Uuid, ByteVector>> udp_payloads;

 private:
  quic::ConnectionEvents& on_connection(quic::Connection& connection, Time now) override;
  tunnel::RegistrationAnswer on_register(tunnel::EdgeConnection&, const tunnel::Registration&,
                                         Time) override {
    return tunnel::RegistrationAccepted{.location = "hostile"};
  }
  void on_unregister(tunnel::EdgeConnection&, Time) override {}
  void on_packet(tunnel::EdgeConnection&, Bytes packet, Time) override {
    received.emplace_back(packet.begin(), packet.end());
  }
  void on_udp_answer(tunnel::EdgeConnection&, const Uuid& session, const tunnel::UdpAnswer& answer,
                     Time) override {
    udp_answers.emplace_back(session, answer.result);
  }
  void on_udp_payload(tunnel::EdgeConnection&, const Uuid& session, Bytes payload, Time) override {
    udp_payloads.emplace_back(session, ByteVector(payload.begin(), payload.end()));
  }
  void on_udp_end(tunnel::EdgeConnection&, const Uuid&, Time) override {}
  void on_connect_answer(tunnel::EdgeConnection&, quic::StreamId, const std::string&,
                         Time) override {}
  void on_bad_datagram(tunnel::EdgeConnection&, DropReason, Time) override {}
  void on_closed(tunnel::EdgeConnection&, const quic::CloseInfo&, Time) override { closed_ = true; }

  World& world_;
  PacketPool pool_;
  NetworkSender sender_;
  std::vector<std::unique_ptr<tunnel::EdgeConnection>> connections_;
  std::unique_ptr<quic::Endpoint> endpoint_;
  std::size_t next_ = 0;
  bool closed_ = false;
};

}  // namespace oneping::sim
