// Both ends over real QUIC connections, on a virtual network in virtual time.
#include <gtest/gtest.h>

#include "quic/server_certificate.h"
#include "quic/testing/virtual_network.h"
#include "tunnel/testing/recorder.h"

namespace oneping::tunnel {
namespace {

using namespace std::chrono_literals;
using quic::testing::address;
using testing::ByteString;
using testing::ConnectorRecorder;
using testing::EdgeRecorder;
using testing::some_registration;

class EdgeAcceptor final : public quic::Acceptor {
 public:
  quic::ConnectionEvents& on_connection(quic::Connection& connection, Time) override {
    edge = std::make_unique<EdgeConnection>(connection, pool, owner);
    return *edge;
  }
  PacketPool pool;
  EdgeRecorder owner;
  std::unique_ptr<EdgeConnection> edge;
};

class OverQuicTest : public ::testing::TestWithParam<double> {
 protected:
  OverQuicTest() {
    const auto certificate = *quic::make_server_certificate({"quic.cftunnel.com"});
    const quic::ServerTlsOptions server_tls = {
        certificate.certificate_pem, certificate.key_pem, {"argotunnel"}};
    const quic::ClientTlsOptions client_tls = {
        "quic.cftunnel.com", {"argotunnel"}, certificate.ca_pem, {}};
    server = std::make_unique<quic::Endpoint>(
        quic::EndpointOptions{}, *quic::TlsContext::server(server_tls), network.random, &acceptor);
    client = std::make_unique<quic::Endpoint>(
        quic::EndpointOptions{}, *quic::TlsContext::client(client_tls), network.random, nullptr);
    network.attach(server_at, *server);
    network.attach(client_at, *client);
    network.link.loss = GetParam();
  }

  // Turns of both ends until `done`; false if it was not within a minute.
  bool run_until(const std::function<bool()>& done) {
    return network.run_until(
        [&] {
          connector.run(network.now);
          if (acceptor.edge) acceptor.edge->run(network.now);
          return done();
        },
        60s);
  }

  static constexpr std::uint64_t kSeed = 7844;
  const SocketAddress client_at = address("198.51.100.2:40000");
  const SocketAddress server_at = address("192.0.2.1:7844");
  PacketPool pool;
  quic::testing::VirtualNetwork network{kSeed};
  EdgeAcceptor acceptor;
  ConnectorRecorder owner;
  ConnectorConnection connector{some_registration({kFeatureDatagramV3}), pool, owner};
  std::unique_ptr<quic::Endpoint> server;
  std::unique_ptr<quic::Endpoint> client;
};

TEST_P(OverQuicTest, LivesAWholeLife) {
  RecordProperty("seed", std::to_string(kSeed));
  const auto quic = client->connect({client_at, server_at}, connector, network.now);
  ASSERT_TRUE(quic);
  connector.start(**quic);
  ASSERT_TRUE(run_until([&] { return connector.is_registered(); }));
  EXPECT_EQ(connector.link().version(), DatagramVersion::v3);

  const std::string json(100'000, ' ');  // many packets
  acceptor.edge->push_configuration(1, json);
  ASSERT_TRUE(run_until([&] { return !owner.configurations.empty(); }));
  EXPECT_EQ(owner.configurations[0].second, json);
  ASSERT_TRUE(run_until([&] { return (*quic)->unacknowledged(1) == 0; }))
      << "the edge has the answer";

  ASSERT_TRUE(run_until([&] { return connector.link().max_packet_size() == kMaxTunnelPacketSize; }))
      << "path MTU discovery makes room";
  ASSERT_TRUE(run_until([&] {
    auto packet = *pool.copy(ByteString(kMaxTunnelPacketSize, 0x45));
    EXPECT_EQ(connector.link().send(packet, network.now), std::nullopt);
    return !acceptor.owner.packets.empty();
  }));
  EXPECT_EQ(acceptor.owner.packets[0], ByteString(kMaxTunnelPacketSize, 0x45));

  connector.unregister();
  ASSERT_TRUE(run_until([&] { return owner.unregistered == 1; }));
  EXPECT_EQ(acceptor.owner.unregistered, 1);
  connector.close("done");
  ASSERT_TRUE(run_until([&] { return !acceptor.owner.closed.empty(); }));
  EXPECT_TRUE(owner.closed.empty());
}

INSTANTIATE_TEST_SUITE_P(Loss, OverQuicTest, ::testing::Values(0.0, 0.2));

}  // namespace
}  // namespace oneping::tunnel
