// How tunnels are, as people are shown it and as the edge tells it.
#include <gtest/gtest.h>

#include "test/sim/hostile.h"
#include "test/sim/pinger.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;
using edge::IcmpState;
using edge::TunnelHealth;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

class Status : public testing::Test {
 protected:
  void TearDown() override {
    world.expect_counters_add_up();
    for (std::size_t i = 1; i < events().size(); ++i) {
      EXPECT_NE(events()[i], events()[i - 1]) << "told twice";
    }
  }
  void start() {
    world.start_connector();
    ASSERT_TRUE(world.run_until_ready());
    world.run_for(200ms);
  }
  [[nodiscard]] std::vector<edge::TunnelStatus> status() const {
    return world.edge->edge.status(world.now);
  }
  [[nodiscard]] TunnelHealth health() const {
    const auto all = status();
    return all.empty() ? TunnelHealth::inactive : all.at(0).health;
  }
  [[nodiscard]] Duration time_until(TunnelHealth wanted) {
    const Time start = world.now;
    EXPECT_TRUE(world.run_until([&] { return health() == wanted; }, 10s));
    return world.now - start;
  }
  const std::vector<std::pair<std::string, TunnelHealth>>& events() const {
    return world.observer.health;
  }

  World world{{.seed = 13}};
};

TEST_F(Status, FromInactiveToHealthyToDownAndBack) {
  EXPECT_TRUE(status().empty());
  EXPECT_TRUE(events().empty());
  start();
  EXPECT_EQ(health(), TunnelHealth::healthy);
  EXPECT_EQ(events().back(), std::pair(std::string("sim"), TunnelHealth::healthy));
  world.connectors[1]->connector->drain(world.now);
  EXPECT_LE(time_until(TunnelHealth::degraded), 200ms);
  EXPECT_LE(time_until(TunnelHealth::down), 500ms);
  EXPECT_TRUE(status().at(0).connectors.empty());
  EXPECT_FALSE(status().at(0).uptime);
  world.start_connector();
  EXPECT_LE(time_until(TunnelHealth::healthy), 1s);
  EXPECT_EQ(events().back().second, TunnelHealth::healthy);
}

TEST_F(Status, AKilledConnectorShowsWithinTwoSeconds) {
  start();
  world.run_for(730ms);
  world.kill_connector();
  EXPECT_LE(time_until(TunnelHealth::down), 2s);
  EXPECT_EQ(status().at(0).connectors.size(), 1u) << "the connections have not ended yet";
  EXPECT_TRUE(status().at(0).connectors[0].connections.at(0).is_silent);
  EXPECT_FALSE(status().at(0).uptime);
  world.run_for(10s);
  EXPECT_TRUE(status().at(0).connectors.empty());
}

TEST_F(Status, AKilledReplicaMakesItDegradedUntilItIsForgotten) {
  start();
  world.start_connector(2);
  ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 8; }));
  world.run_for(200ms);
  EXPECT_EQ(health(), TunnelHealth::healthy);
  world.kill_connector(2);
  EXPECT_LE(time_until(TunnelHealth::degraded), 2s);
  EXPECT_LE(time_until(TunnelHealth::healthy), 10s);
  EXPECT_EQ(status().at(0).connectors.size(), 1u);
}

TEST_F(Status, OneConnectionCutOffIsDegraded) {
  start();
  world.network.cut(world.connectors[1]->address_of(2), true);
  EXPECT_LE(time_until(TunnelHealth::degraded), 2s);
  const auto connections = status().at(0).connectors.at(0).connections;
  ASSERT_EQ(connections.size(), 4u);
  for (const auto& connection : connections) {
    EXPECT_EQ(connection.is_silent, connection.index == 2);
  }
  world.run_for(6s);
  EXPECT_EQ(status().at(0).connectors.at(0).connections.size(), 3u);
  EXPECT_EQ(health(), TunnelHealth::degraded) << "one of those it wants is missing";
  world.network.cut(world.connectors[1]->address_of(2), false);
  EXPECT_LE(time_until(TunnelHealth::healthy), 60s);
}

TEST_F(Status, TellsWhatThereIsToTellOfEachConnection) {
  start();
  Client client("100.96.0.1");
  Pinger pinger(world, client, "172.16.10.120", 10ms);
  world.run_for(2s);
  const auto all = status();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].id, world.control.tunnel("sim").id);
  ASSERT_TRUE(all[0].uptime);
  EXPECT_GE(*all[0].uptime, 2s);
  EXPECT_LE(*all[0].uptime, 3s);
  ASSERT_EQ(all[0].connectors.size(), 1u);
  const edge::ConnectorStatus& connector = all[0].connectors[0];
  EXPECT_EQ(connector.id, world.connectors[1]->connector->config().connector_id);
  EXPECT_EQ(connector.wanted, 4u);
  EXPECT_EQ(connector.icmp_v4, IcmpState::available);
  EXPECT_EQ(connector.icmp_v6, IcmpState::available);
  EXPECT_EQ(connector.icmp_reason, "");
  ASSERT_EQ(connector.connections.size(), 4u);
  for (std::uint8_t i = 0; i < 4; ++i) {
    const edge::ConnectionStatus& connection = connector.connections[i];
    EXPECT_EQ(connection.index, i);
    EXPECT_EQ(connection.peer, world.connectors[1]->address_of(i));
    EXPECT_EQ(connection.local, world.edge_address);
    EXPECT_EQ(connection.version, "sim");
    EXPECT_EQ(connection.datagram, tunnel::DatagramVersion::v3);
    EXPECT_NE(std::ranges::find(connection.features, "oneping_connections=4"),
              connection.features.end());
    EXPECT_GE(connection.age, 2s);
    EXPECT_LE(connection.age, 3s);
    EXPECT_GE(connection.rtt, 10ms);
    EXPECT_LE(connection.rtt, 20ms);
    EXPECT_EQ(connection.datagrams_lost, 0u);
    EXPECT_GT(connection.mtu, 1280u);
    EXPECT_LT(connection.mtu, 1500u);
    EXPECT_FALSE(connection.is_draining);
    EXPECT_FALSE(connection.is_silent);
  }
}

TEST_F(Status, SaysWhyIcmpIsUnavailable) {
  world.options.ping_channels = 0;
  start();
  const auto connector = status().at(0).connectors.at(0);
  EXPECT_EQ(connector.icmp_v4, IcmpState::unavailable);
  EXPECT_EQ(connector.icmp_v6, IcmpState::unavailable);
  EXPECT_EQ(connector.icmp_reason, "no ping sockets here");
}

// A connector that announces nothing: what it wants is what it had, and that it can ping is known
// when a reply has come by it.
TEST_F(Status, LearnsWhatAForeignConnectorDoesNotSay) {
  HostileConnector foreign(world);
  ASSERT_TRUE(world.run_until([&] { return foreign.is_registered(); }));
  world.run_for(200ms);
  EXPECT_EQ(health(), TunnelHealth::healthy);
  auto connector = status().at(0).connectors.at(0);
  EXPECT_EQ(connector.wanted, 1u);
  EXPECT_EQ(connector.icmp_v4, IcmpState::unknown);
  EXPECT_EQ(connector.icmp_v6, IcmpState::unknown);

  Client client("100.96.0.1");
  PacketPool pool;
  const auto reply_from = [&](const char* source) {
    const IpHeader header{.source = address(source), .destination = client.address};
    const auto packet = make_echo(pool, EchoType::reply, header, {7, 1}, {}).value();
    ByteVector datagram{2};  // v3: an IP packet
    datagram.insert(datagram.end(), packet.bytes().begin(), packet.bytes().end());
    foreign.send(datagram);
    world.run_for(50ms);
  };
  world.ping(client, address("172.16.10.120"), {7, 1});
  reply_from("172.16.10.66");
  EXPECT_EQ(status().at(0).connectors.at(0).icmp_v4, IcmpState::unknown) << "no one asked that";
  reply_from("172.16.10.120");
  EXPECT_EQ(client.replies.size(), 1u);
  connector = status().at(0).connectors.at(0);
  EXPECT_EQ(connector.icmp_v4, IcmpState::available);
  EXPECT_EQ(connector.icmp_v6, IcmpState::unknown);
}

TEST_F(Status, ADeletedTunnelIsNotShown) {
  start();
  world.control.remove_tunnel("sim");
  world.control.remake_routing();
  world.apply();
  EXPECT_TRUE(status().empty());
  world.run_for(1s);
  EXPECT_EQ(events().back().second, TunnelHealth::healthy) << "nothing is told of it any more";
}

TEST_F(Status, ATunnelThatNobodyServedIsNotShown) {
  world.control.add_tunnel("idle");
  world.control.remake_routing();
  world.apply();
  start();
  EXPECT_EQ(status().size(), 1u);
  for (const auto& [name, _] : events()) EXPECT_EQ(name, "sim");
}

}  // namespace
}  // namespace oneping::sim
