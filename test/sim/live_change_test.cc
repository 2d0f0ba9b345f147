// The control plane changes things while pings run: what a change does not touch notices nothing.
#include <gtest/gtest.h>

#include "test/sim/pinger.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

class LiveChange : public testing::TestWithParam<const char*> {
 protected:
  LiveChange() : world({.seed = 5}), client(is_v4() ? "100.96.0.1" : "fd00:100:96::1") {}
  void TearDown() override { world.expect_counters_add_up(); }
  static bool is_v4() { return address(GetParam()).is_v4(); }

  void start() {
    world.start_connector();
    ASSERT_TRUE(world.run_until_ready());
    world.run_for(200ms);
  }
  // A second connector, number 2, of a second tunnel.
  void start_second_tunnel() {
    world.control.add_tunnel("second");
    change_routing();
    world.start_connector(2, "second");
    ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 8; }));
  }
  void change_routing() {
    world.control.remake_routing();
    world.apply();
  }
  // Until nothing is under way.
  void settle() { world.run_for(50ms); }

  World world;
  Client client;
};

INSTANTIATE_TEST_SUITE_P(Sim, LiveChange, testing::Values("172.16.10.120", "fd00:172:16:10::120"),
                         [](const auto& p) { return address(p.param).is_v4() ? "v4" : "v6"; });

TEST_P(LiveChange, AHundredRouteChangesASecondLoseNothingOfOtherFlows) {
  start();
  Pinger pinger(world, client, GetParam(), 2ms);
  for (int i = 0; i < 500; ++i) {
    const std::string prefix = i % 4 < 2 ? "10.77.0.0/16" : "fd77::/16";
    if (i % 2 == 0) {
      world.control.add_route(prefix.c_str(), "sim");
    } else {
      world.control.remove_route(prefix.c_str());
    }
    change_routing();
    world.run_for(10ms);
  }
  pinger.stop();
  settle();
  EXPECT_GE(pinger.sent(), 2500u);
  EXPECT_EQ(pinger.answered(), pinger.sent());
  EXPECT_EQ(world.observer.verdicts.size(), 1u);
}

TEST_P(LiveChange, ChangesOfTunnelsPoliciesAndDevicesLoseNothingOfOtherFlows) {
  start();
  Pinger pinger(world, client, GetParam(), 2ms);
  for (int i = 0; i < 100; ++i) {
    const std::string name = "t" + std::to_string(i);
    world.control.add_tunnel(name);
    world.control.add_route("10.77.0.0/16", name);
    world.control.rules = {{.name = name, .to = {Prefix::parse("10.77.0.0/16").value()}}};
    world.control.devices.push_back({.id = 100 + i, .device = name, .is_ingress = true});
    world.control.remake_routing();
    world.control.remake_policies();
    world.control.remake_identities();
    world.apply();
    world.run_for(5ms);
    world.control.remove_tunnel(name);
    change_routing();
    world.run_for(5ms);
  }
  pinger.stop();
  settle();
  EXPECT_EQ(pinger.answered(), pinger.sent());
  EXPECT_EQ(world.edge->edge.tunnels().tunnels().size(), 1u) << "the others left no trace";
}

TEST_P(LiveChange, ADeletedTunnelEndsItsConnectionsAndOnlyThose) {
  start();
  start_second_tunnel();
  Client other("100.96.0.9");
  world.control.remove_route("10.20.0.0/16");
  world.control.add_route("10.20.30.40", "second");  // and no other route leads there
  change_routing();
  Pinger first(world, client, GetParam(), 5ms);
  Pinger second(world, other, "10.20.30.40", 5ms);
  world.run_for(200ms);
  EXPECT_EQ(other.errors.size(), 0u);
  const auto before = second.sent();
  world.control.remove_tunnel("second");
  change_routing();
  world.run_for(200ms);
  first.stop();
  second.stop();
  settle();
  EXPECT_EQ(first.answered(), first.sent());
  EXPECT_GE(second.refused(), second.sent() - before) << "refused from the next packet on";
  EXPECT_EQ(other.errors.back().type, 3);
  EXPECT_EQ(other.errors.back().code, 0) << "net unreachable";
  EXPECT_EQ(world.connectors[1]->connector->ready_connections(), 4u);
  EXPECT_EQ(world.connectors[2]->connector->ready_connections(), 0u);
}

TEST_P(LiveChange, ARouteThatMovesTakesItsFlowsAlongAtTheirNextPacket) {
  start();
  start_second_tunnel();
  // Behind the second tunnel the host is further away.
  world.connectors[2]->network.hosts[address(GetParam())].hops = 3;
  Pinger pinger(world, client, GetParam(), 10ms);
  world.run_for(200ms);
  pinger.stop();
  settle();
  ASSERT_EQ(pinger.lost(), 0u);
  EXPECT_EQ(client.replies.back().hop_limit, 62);
  world.control.add_route(GetParam(), "second");
  change_routing();
  Pinger again(world, client, GetParam(), 10ms);  // the same flow
  world.run_for(200ms);
  again.stop();
  settle();
  EXPECT_EQ(client.replies.size(), pinger.sent() + again.sent());
  EXPECT_EQ(client.replies.back().hop_limit, 60);
  EXPECT_EQ(world.connectors[2]->network.requests, again.sent());
  EXPECT_EQ(world.observer.verdicts.size(), 1u) << "a flow that moves is not a new one";
}

TEST_P(LiveChange, AReplyFromATunnelThatTheFlowHasLeftIsRefused) {
  start();
  start_second_tunnel();
  world.ping(client, address(GetParam()), {7, 1});
  world.run_for(1ms);  // under way
  world.control.add_route(GetParam(), "second");
  change_routing();
  world.ping(client, address(GetParam()), {7, 2});
  settle();
  ASSERT_EQ(client.replies.size(), 1u);
  EXPECT_EQ(client.replies[0].identity.sequence, 2);
  const auto& counters = world.edge->edge.packets().to_client().packets;
  EXPECT_EQ(counters.dropped(DropReason::no_flow), 1u);
}

TEST_P(LiveChange, ATokenRotatedWithGraceEndsNothing) {
  start();
  Pinger pinger(world, client, GetParam(), 5ms);
  auto& secrets = world.control.tunnel("sim").secrets;
  const Secret old = secrets.front();
  secrets = {Secret(32, 9), old};
  change_routing();
  world.run_for(200ms);
  EXPECT_EQ(world.connectors[1]->connector->ready_connections(), 4u);
  auto& newcomer = world.start_connector(2);  // with the new token
  EXPECT_TRUE(world.run_until([&] { return newcomer.connector->ready_connections() == 4; }));
  // The grace is over.
  secrets.pop_back();
  change_routing();
  EXPECT_TRUE(world.run_until([&] { return world.connectors[1]->connector->fatal().has_value(); }));
  EXPECT_EQ(newcomer.connector->ready_connections(), 4u);
  pinger.stop();
  settle();
  // What was under way on the connections that were closed, and nothing else.
  EXPECT_LE(pinger.lost(), 4u);
}

TEST_P(LiveChange, ATokenRotatedWithoutGraceEndsTheConnectionsOfTheOldOne) {
  start();
  const std::size_t refused = world.edge->edge.registrations_refused();
  world.control.tunnel("sim").secrets = {Secret(32, 9)};
  change_routing();
  EXPECT_EQ(world.edge->edge.tunnels().connections().size(), 0u) << "at once";
  EXPECT_TRUE(world.run_until([&] { return world.connectors[1]->connector->fatal().has_value(); }));
  EXPECT_GT(world.edge->edge.registrations_refused(), refused);
}

TEST_P(LiveChange, ATunnelWithoutATokenLetsNobodyIn) {
  ControlPlane::Tunnel before = world.control.tunnel("sim");
  world.control.tunnel("sim").secrets.clear();
  change_routing();
  world.control.tunnel("sim") = before;  // what the connector believes
  auto& node = world.start_connector();
  EXPECT_TRUE(world.run_until([&] { return node.connector->fatal().has_value(); }));
  EXPECT_EQ(world.edge->edge.tunnels().connections().size(), 0u);
}

TEST_P(LiveChange, ARenamedTunnelKeepsItsConnections) {
  start();
  Pinger pinger(world, client, GetParam(), 5ms);
  world.run_for(50ms);
  for (auto& route : world.control.routes) route.tunnel = "renamed";
  world.control.tunnel("sim").name = "renamed";
  change_routing();
  world.run_for(200ms);
  pinger.stop();
  settle();
  EXPECT_EQ(pinger.answered(), pinger.sent());
  EXPECT_EQ(world.connectors[1]->connector->ready_connections(), 4u);
}

// Two customers, the same prefix, the same host address: each gets his own.
TEST_P(LiveChange, TwoNetworksMayHoldTheSamePrefix) {
  start();
  world.control.add_tunnel("second");
  world.control.add_route(is_v4() ? "172.16.10.0/24" : "fd00:172:16:10::/64", "second", 2);
  world.control.devices.push_back({.id = 2, .device = "phone", .network = 2, .is_ingress = true});
  world.control.remake_identities();
  change_routing();
  world.start_connector(2, "second");
  ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 8; }));
  world.connectors[2]->network.hosts[address(GetParam())].hops = 3;
  Client other(is_v4() ? "100.96.0.2" : "fd00:100:96::2");
  other.device = 2;
  Pinger first(world, client, GetParam(), 5ms);
  Pinger second(world, other, GetParam(), 5ms);
  world.run_for(500ms);
  first.stop();
  second.stop();
  settle();
  EXPECT_EQ(first.answered(), first.sent());
  EXPECT_EQ(second.answered(), second.sent());
  for (const Received& reply : client.replies) ASSERT_EQ(reply.hop_limit, 62);
  for (const Received& reply : other.replies) ASSERT_EQ(reply.hop_limit, 60);
  // A network without routes leads nowhere.
  world.control.devices[1].network = 3;
  world.control.remake_identities();
  world.apply();
  world.ping(other, address(GetParam()), {7, 1});
  ASSERT_EQ(other.errors.size(), 1u);
  EXPECT_EQ(other.errors[0].code, 0) << "net unreachable";
}

}  // namespace
}  // namespace oneping::sim
