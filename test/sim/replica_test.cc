// Several connectors for one tunnel: flows spread over them, stay where they are, and move when
// they must.
#include <gtest/gtest.h>

#include "test/sim/pinger.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

class Replicas : public testing::TestWithParam<const char*> {
 protected:
  Replicas() : world({.seed = 9}), client(is_v4() ? "100.96.0.1" : "fd00:100:96::1") {}
  void TearDown() override { world.expect_counters_add_up(); }
  static bool is_v4() { return address(GetParam()).is_v4(); }

  void start(std::uint8_t count) {
    for (std::uint8_t number = 1; number <= count; ++number) world.start_connector(number);
    ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == count * 4u; }));
    world.run_for(200ms);
  }
  // One request of each of so many flows.
  void ping_flows(std::uint16_t flows) {
    for (std::uint16_t id = 0; id < flows; ++id) world.ping(client, address(GetParam()), {id, 1});
    world.run_for(50ms);
  }
  [[nodiscard]] std::uint64_t requests(std::size_t number) const {
    return world.connectors[number]->network.requests;
  }
  // The number of the connector that has got a request most lately.
  [[nodiscard]] std::uint8_t in_use() {
    const auto before = requests(1);
    world.run_for(50ms);
    return requests(1) > before ? 1 : 2;
  }

  World world;
  Client client;
};

INSTANTIATE_TEST_SUITE_P(Sim, Replicas, testing::Values("172.16.10.120", "fd00:172:16:10::120"),
                         [](const auto& p) { return address(p.param).is_v4() ? "v4" : "v6"; });

TEST_P(Replicas, NewFlowsSpreadOverConnectorsAndThenOverTheirConnections) {
  start(2);
  ping_flows(800);
  EXPECT_EQ(client.replies.size(), 800u);
  EXPECT_EQ(requests(1), 400u);
  EXPECT_EQ(requests(2), 400u);
  world.edge->edge.tunnels().connections().for_each([](auto, const edge::LiveConnection& live) {
    EXPECT_EQ(live.connection->quic().datagram_counters().in(), 100u);
  });
}

TEST_P(Replicas, AConnectorWithFewerConnectionsGetsAsMany) {
  world.options.connections = 1;
  world.start_connector(1);
  world.options.connections = 4;
  world.start_connector(2);
  ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 5; }));
  world.run_for(200ms);
  ping_flows(100);
  EXPECT_EQ(requests(1), 50u);
  EXPECT_EQ(requests(2), 50u);
}

TEST_P(Replicas, FlowsStayWhenAnotherReplicaComes) {
  start(1);
  ping_flows(100);
  world.start_connector(2);
  ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 8; }));
  for (int i = 0; i < 10; ++i) ping_flows(100);
  EXPECT_EQ(requests(2), 0u);
  EXPECT_EQ(client.replies.size(), 1100u);
}

TEST_P(Replicas, AGracefulStopOfTheOneInUseLosesNothing) {
  start(2);
  Pinger pinger(world, client, GetParam(), 5ms);
  world.run_for(500ms);
  const std::uint8_t stopped = in_use();
  world.connectors[stopped]->connector->drain(world.now);
  ASSERT_TRUE(
      world.run_until([&] { return world.connectors[stopped]->connector->is_drained(); }, 5s));
  world.run_for(1s);
  EXPECT_NE(in_use(), stopped);
  pinger.stop();
  world.run_for(100ms);
  EXPECT_EQ(pinger.answered(), pinger.sent());
}

TEST_P(Replicas, AGracefulStopMovesEveryFlowAndLosesNothing) {
  start(3);
  std::vector<std::unique_ptr<Pinger>> pingers;
  for (std::uint16_t id = 0; id < 60; ++id) {
    pingers.push_back(std::make_unique<Pinger>(world, client, GetParam(), 20ms, id));
  }
  world.run_for(200ms);
  world.connectors[2]->connector->drain(world.now);
  world.run_for(500ms);
  const auto first = requests(1);
  const auto third = requests(3);
  world.run_for(1s);
  for (const auto& pinger : pingers) pinger->stop();
  world.run_for(100ms);
  for (const auto& pinger : pingers) EXPECT_EQ(pinger->answered(), pinger->sent());
  // 60 flows, 50 requests each.
  EXPECT_NEAR(static_cast<double>(requests(1) - first), 1500, 100) << "the others share them";
  EXPECT_NEAR(static_cast<double>(requests(3) - third), 1500, 100);
}

TEST_P(Replicas, KillingTheOneInUseLosesLessThanASecond) {
  start(2);
  Pinger pinger(world, client, GetParam(), 5ms);
  world.run_for(500ms);
  const std::uint8_t killed = in_use();
  world.kill_connector(killed);
  world.run_for(5s);
  pinger.stop();
  world.run_for(100ms);
  EXPECT_GT(pinger.lost(), 0u) << "it was the one in use";
  EXPECT_LT(pinger.lost() * 5, 1000u) << "milliseconds";
}

// Its other connections are as dead, but have not been found out yet: whoever's turn it is, no flow
// goes there.
TEST_P(Replicas, NoFlowLeavesAKilledConnectorForItsOtherConnections) {
  start(2);
  std::vector<std::unique_ptr<Pinger>> pingers;
  for (std::uint16_t id = 1; id <= 3; ++id) {
    pingers.push_back(std::make_unique<Pinger>(world, client, GetParam(), 5ms, id));
  }
  world.run_for(500ms);
  world.kill_connector(1);
  world.run_for(3s);
  for (const auto& pinger : pingers) pinger->stop();
  world.run_for(100ms);
  for (const auto& pinger : pingers) EXPECT_LT(pinger->lost() * 5, 700u) << "milliseconds";
}

// Where there is no better one a flow stays, and does not wander.
TEST_P(Replicas, AFlowStaysOnADrainingConnectorThatIsTheOnlyOne) {
  start(1);
  world.connectors[1]->network.hosts[address(GetParam())].rtt = 2s;  // keeps it from ending
  for (int i = 0; i < 3; ++i) ping_flows(8);
  world.connectors[1]->connector->drain(world.now);
  world.run_for(100ms);
  std::vector<std::uint64_t> before;
  const auto each_datagrams = [&] {
    std::vector<std::uint64_t> counts;
    world.edge->edge.tunnels().connections().for_each([&](auto, const edge::LiveConnection& live) {
      counts.push_back(live.connection->quic().datagram_counters().in());
    });
    return counts;
  };
  before = each_datagrams();
  ASSERT_EQ(before.size(), 4u);
  for (int i = 0; i < 5; ++i) ping_flows(1);
  const auto after = each_datagrams();
  int used = 0;
  for (std::size_t i = 0; i < before.size(); ++i) used += after[i] > before[i] ? 1 : 0;
  EXPECT_EQ(used, 1);
}

// One connection of the replica in use falls silent: its flows go to where there are good ones.
TEST_P(Replicas, AConnectorWithASilentConnectionServesByTheOthers) {
  start(1);
  world.network.cut(world.connectors[1]->address_of(0), true);
  ping_flows(8);
  world.run_for(2s);
  client.replies.clear();
  ping_flows(100);
  EXPECT_EQ(client.replies.size(), 100u);
  world.network.cut(world.connectors[1]->address_of(0), false);
}

}  // namespace
}  // namespace oneping::sim
