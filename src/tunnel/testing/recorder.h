// Owners of the two ends for tests: they remember what they were told and answer as the test says.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "tunnel/connector_connection.h"
#include "tunnel/edge_connection.h"
#include "tunnel/testing/fake_quic.h"

namespace oneping::tunnel::testing {

class EdgeRecorder final : public EdgeConnectionEvents {
 public:
  RegistrationAnswer answer = RegistrationAccepted{.connection_id = {1, 2, 3}, .location = "test"};
  std::function<void(EdgeConnection&)> when_asked;  // inside on_register

  std::vector<std::pair<Uuid, UdpAnswer>> udp_answers;
  std::vector<std::pair<Uuid, ByteString>> udp_payloads;
  std::vector<Uuid> udp_ends;
  std::vector<std::pair<quic::StreamId, std::string>> connect_answers;
  std::vector<Registration> registrations;
  int unregistered = 0;
  std::vector<ByteString> packets;
  std::vector<DropReason> bad_datagrams;
  std::vector<quic::CloseInfo> closed;

  RegistrationAnswer on_register(EdgeConnection& connection, const Registration& registration,
                                 Time) override {
    registrations.push_back(registration);
    if (when_asked) when_asked(connection);
    return answer;
  }
  void on_unregister(EdgeConnection&, Time) override { ++unregistered; }
  void on_udp_answer(EdgeConnection&, const Uuid& session, const UdpAnswer& said, Time) override {
    udp_answers.push_back({session, said});
  }
  void on_udp_payload(EdgeConnection&, const Uuid& session, Bytes payload, Time) override {
    udp_payloads.push_back({session, {payload.begin(), payload.end()}});
  }
  void on_udp_end(EdgeConnection&, const Uuid& session, Time) override {
    udp_ends.push_back(session);
  }
  void on_connect_answer(EdgeConnection&, quic::StreamId call, const std::string& error,
                         Time) override {
    connect_answers.emplace_back(call, error);
  }
  void on_packet(EdgeConnection&, Bytes packet, Time) override {
    packets.emplace_back(packet.begin(), packet.end());
  }
  void on_bad_datagram(EdgeConnection&, DropReason reason, Time) override {
    bad_datagrams.push_back(reason);
  }
  void on_closed(EdgeConnection&, const quic::CloseInfo& info, Time) override {
    closed.push_back(info);
  }
};

class ConnectorRecorder final : public ConnectorConnectionEvents {
 public:
  Result<void> configuration_result;
  UdpAnswer udp_answer;

  std::vector<UdpRegistration> udp_registrations;  // without their payloads
  std::vector<std::pair<Uuid, ByteString>> udp_payloads;
  std::vector<Uuid> udp_ends;

  std::vector<std::pair<quic::StreamId, SocketAddress>> connect_checks;
  std::vector<RegistrationAccepted> registered;
  std::vector<RegistrationRefused> refused;
  int unregistered = 0;
  std::vector<std::pair<std::int32_t, std::string>> configurations;
  std::vector<ByteString> packets;
  std::vector<DropReason> bad_datagrams;
  std::vector<quic::CloseInfo> closed;

  void on_registered(ConnectorConnection&, const RegistrationAccepted& details, Time) override {
    registered.push_back(details);
  }
  void on_refused(ConnectorConnection&, const RegistrationRefused& refusal, Time) override {
    refused.push_back(refusal);
  }
  void on_unregistered(ConnectorConnection&, Time) override { ++unregistered; }
  Result<void> on_configuration(ConnectorConnection&, std::int32_t version, std::string_view json,
                                Time) override {
    configurations.emplace_back(version, json);
    return configuration_result;
  }
  void on_packet(ConnectorConnection&, Bytes packet, Time) override {
    packets.emplace_back(packet.begin(), packet.end());
  }
  UdpAnswer on_udp_register(ConnectorConnection&, const UdpRegistration& registration,
                            Time) override {
    udp_registrations.push_back(registration);
    udp_registrations.back().payload = {};
    return udp_answer;
  }
  void on_udp_payload(ConnectorConnection&, const Uuid& session, Bytes payload, Time) override {
    udp_payloads.push_back({session, {payload.begin(), payload.end()}});
  }
  void on_udp_end(ConnectorConnection&, const Uuid& session, Time) override {
    udp_ends.push_back(session);
  }
  void on_connect_check(ConnectorConnection&, quic::StreamId stream,
                        const SocketAddress& destination, Time) override {
    connect_checks.emplace_back(stream, destination);
  }
  void on_bad_datagram(ConnectorConnection&, DropReason reason, Time) override {
    bad_datagrams.push_back(reason);
  }
  void on_closed(ConnectorConnection&, const quic::CloseInfo& info, Time) override {
    closed.push_back(info);
  }
};

// A connector of the usual kind; `features` beside those that every connector announces.
[[nodiscard]] inline Registration some_registration(std::vector<std::string> features = {}) {
  features.push_back(kFeatureDatagramV2);
  features.push_back(kFeatureRemoteConfig);
  return {.account_tag = "account",
          .tunnel_secret = {1, 2, 3, 4},
          .tunnel_id = {0x6f, 0xf4},
          .connection_index = 2,
          .connector_id = {0xde, 0xd8},
          .features = std::move(features),
          .version = "1.0",
          .arch = "linux_amd64",
          .replace_existing = true,
          .previous_attempts = 3};
}

// Both ends over a fake QUIC pair. The order of members is part of what is tested: the ends are
// destroyed while their QUIC connections still are.
struct TunnelPair {
  explicit TunnelPair(Registration registration = some_registration())
      : connector(
            std::make_unique<ConnectorConnection>(std::move(registration), pool, connector_owner)),
        edge(std::make_unique<EdgeConnection>(quic.server(), pool, edge_owner)) {
    quic.set_events(*connector, *edge);
    connector->start(quic.client());
  }

  // Both ends are told that the handshake is done.
  void become_ready() {
    edge->on_ready(now);
    connector->on_ready(now);
  }
  // One turn: runs both ends, then delivers. False if nothing was delivered.
  bool turn(std::size_t piece = SIZE_MAX) {
    connector->run(now);
    edge->run(now);
    now += std::chrono::milliseconds(10);
    return quic.deliver(now, piece);
  }
  // Turns until there is nothing more to deliver.
  void settle(std::size_t piece = SIZE_MAX) {
    while (turn(piece)) {
    }
  }

  Time now{};
  PacketPool pool;
  FakeQuicPair quic;
  EdgeRecorder edge_owner;
  ConnectorRecorder connector_owner;
  std::unique_ptr<ConnectorConnection> connector;
  std::unique_ptr<EdgeConnection> edge;
};

}  // namespace oneping::tunnel::testing
