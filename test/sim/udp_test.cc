// UDP through the whole path: what holds for whole packets between our own edge and connector, and
// for sessions of the tunnel protocol, in both versions.
#include <algorithm>
#include <set>

#include "test/sim/udp_world.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

INSTANTIATE_TEST_SUITE_P(
    Sim, Udp, testing::ValuesIn(cases({kPacketsV2, kPacketsV3, kSessionsV2, kSessionsV3})),
    name_of);

TEST_P(Udp, DatagramsOfEverySizeComeBackAsTheyWereSent) {
  start();
  const std::size_t headers = ip_header_size(client.address.family()) + kUdpHeaderSize;
  const std::size_t largest = 1280 - headers;
  std::uint32_t number = 0;
  for (std::size_t size = 0; size <= largest; size += size < 32 || size > largest - 32 ? 1 : 29) {
    client.received.clear();
    world.udp(client, 4000, origin(), numbered(++number, size));
    world.run_for(40ms);
    ASSERT_EQ(client.received.size(), 1u) << size;
    EXPECT_EQ(client.received[0].source, origin());
    EXPECT_EQ(client.received[0].port, 4000);
    EXPECT_EQ(client.received[0].payload, numbered(number, size));
    if (way().has_packets()) EXPECT_EQ(client.received[0].hop_limit, 62);
  }
  EXPECT_TRUE(client.errors.empty());
  EXPECT_EQ(sockets(), 1u);
}

TEST_P(Udp, TheFirstPacketsOfAFlowKeepTheirOrder) {
  start();
  for (std::uint16_t port = 5000; port < 5003; ++port) {
    for (std::uint32_t i = 0; i < 20; ++i) world.udp(client, port, origin(123), numbered(i));
  }
  world.run_for(200ms);
  ASSERT_EQ(client.received.size(), 60u);
  for (std::uint16_t port = 5000; port < 5003; ++port) {
    std::uint32_t next = 0;
    for (const auto& got : client.received) {
      if (got.port == port) EXPECT_EQ(got.payload, numbered(next++));
    }
    EXPECT_EQ(next, 20u);
  }
}

TEST_P(Udp, ClientsWithTheSamePortGetEachHisOwn) {
  start();
  UdpClient other(family().other);
  constexpr std::uint32_t kMany = 2000;
  for (std::uint32_t i = 0; i < kMany; ++i) {
    world.udp(client, 4000, origin(123), numbered(i));
    world.udp(other, 4000, origin(123), numbered(i + kMany));
    if (i % 20 == 0) world.run_for(10ms);
  }
  world.run_for(100ms);
  ASSERT_EQ(client.received.size(), kMany);
  ASSERT_EQ(other.received.size(), kMany);
  for (std::uint32_t i = 0; i < kMany; ++i) {
    ASSERT_EQ(client.received[i].payload, numbered(i));
    ASSERT_EQ(other.received[i].payload, numbered(i + kMany));
  }
  EXPECT_EQ(sockets(), 2u);
}

TEST_P(Udp, OneSocketAndAThousandDestinations) {
  start();
  std::vector<SocketAddress> hosts;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    auto bytes = address(family().origin).bytes();
    store_be16(bytes.data() + 14, static_cast<std::uint16_t>(load_be16(bytes.data() + 14) + 1 + i));
    hosts.push_back({IpAddress::from_v6(bytes.data()), 7});
    node().network.hosts[hosts.back().address] = Host{};
  }
  world.control.add_route(client.address.is_v4() ? "172.16.0.0/12" : "fd00:172::/32", "sim");
  world.control.remake_routing();
  world.apply();
  for (std::uint32_t i = 0; i < 1000; ++i) {
    world.udp(client, 4000, hosts[i], numbered(i));
    if (i % 10 == 0) world.run_for(10ms);
  }
  world.run_for(3s);
  ASSERT_EQ(client.received.size(), 1000u);
  std::set<SocketAddress> sources;
  for (const auto& got : client.received) {
    EXPECT_EQ(
        got.payload,
        numbered(static_cast<std::uint32_t>(std::ranges::find(hosts, got.source) - hosts.begin())));
    sources.insert(got.source);
  }
  EXPECT_EQ(sources.size(), 1000u);
  EXPECT_EQ(sockets(), way().has_packets() ? 1u : 1000u) << "a session does not say whose it is";
}

TEST_P(Udp, APolicySpeaksOfPorts) {
  start();
  world.control.rules = {{.name = "no-dns",
                          .who = {},
                          .to = {},
                          .network = {},
                          .protocol = Protocol::udp,
                          .ports = {{53, 53}},
                          .verdict = Verdict::deny}};
  world.control.remake_policies();
  world.apply();
  world.udp(client, 4000, origin(53), numbered(1));
  world.udp(client, 4000, origin(123), numbered(2));
  world.run_for(100ms);
  ASSERT_EQ(client.received.size(), 1u);
  EXPECT_EQ(client.received[0].source, origin(123));
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(family().edge_hop));
  EXPECT_EQ(client.errors[0].type, family().unreachable);
  EXPECT_EQ(client.errors[0].code, family().prohibited);
  EXPECT_EQ(client.errors[0].about, origin(53));
  ASSERT_EQ(world.observer.verdicts.size(), 2u);
  EXPECT_EQ(world.observer.verdicts[0].protocol, Protocol::udp);
  EXPECT_EQ(world.observer.verdicts[0].port, 53);
  EXPECT_EQ(world.observer.verdicts[0].verdict, Verdict::deny);
  EXPECT_EQ(world.observer.verdicts[1].port, 123);
  EXPECT_EQ(world.edge->edge.packets().verdicts(Protocol::udp, Verdict::allow), 1u);
}

TEST_P(Udp, AChangeOfPoliciesEndsAFlowThatHasBegun) {
  start();
  world.udp(client, 4000, origin(), numbered(1));
  world.run_for(100ms);
  ASSERT_EQ(client.received.size(), 1u);
  world.udp(client, 4000, origin(), numbered(2));
  world.control.by_default = Verdict::deny;
  world.control.remake_policies();
  world.apply();
  world.run_for(100ms);
  EXPECT_EQ(client.received.size(), 1u) << "even what is under way does not come back";
  world.udp(client, 4000, origin(), numbered(3));
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].code, family().prohibited);
}

TEST_P(Udp, ARouteThatIsDeletedEndsWhatComesBack) {
  start();
  world.udp(client, 4000, origin(), numbered(1));
  world.run_for(100ms);
  ASSERT_EQ(client.received.size(), 1u);
  world.control.routes.clear();
  world.control.remake_routing();
  world.apply();
  auto& network = node().udp_network;
  network.intrude(network.open_sockets.begin()->first, origin(), numbered(2));
  world.run_for(100ms);
  EXPECT_EQ(client.received.size(), 1u);
  EXPECT_EQ(world.edge->edge.packets().to_client().packets.dropped(DropReason::no_route), 1u);
  world.control.add_route(client.address.is_v4() ? "172.16.0.0/12" : "fd00:172::/32", "sim");
  world.control.remake_routing();
  world.apply();
  network.intrude(network.open_sockets.begin()->first, origin(), numbered(3));
  world.run_for(100ms);
  EXPECT_EQ(client.received.size(), 2u) << "another route to the same tunnel is as good";
}

TEST_P(Udp, ABadChecksumGoesNowhere) {
  start();
  Packet packet = client.packet(world.edge->pool, 4000, origin(), numbered(1));
  packet.bytes().back() ^= 1;
  world.send(client, std::move(packet));
  world.run_for(100ms);
  EXPECT_EQ(node().udp_network.datagrams, 0u);
  EXPECT_EQ(world.edge->edge.packets().to_network().packets.dropped(DropReason::bad_udp_checksum),
            1u);
}

TEST_P(Udp, WhatNobodyAskedForDoesNotComeIn) {
  start();
  world.udp(client, 4000, origin(), numbered(1));
  world.run_for(100ms);
  ASSERT_EQ(client.received.size(), 1u);
  auto& network = node().udp_network;
  const UdpSocketId socket = network.open_sockets.begin()->first;
  network.intrude(socket, origin(54), numbered(2));
  network.intrude(socket, far(53), numbered(3));
  network.intrude(socket + 1, origin(), numbered(4));
  world.run_for(100ms);
  EXPECT_EQ(client.received.size(), 1u);
  EXPECT_EQ(node().connector->udp().reply_counters().dropped(DropReason::no_flow), 3u);
}

TEST_P(Udp, RefusedDestinationsAreProhibited) {
  start();
  node().network.broadcasts.insert(address(family().connector_hop));
  world.udp(client, 4000, {address(family().connector_hop), 53}, numbered(1));
  world.run_for(200ms);
  EXPECT_EQ(sockets(), 0u);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].type, family().unreachable);
  EXPECT_EQ(client.errors[0].code, family().prohibited);
}

TEST_P(Udp, IdleFlowsAreForgottenEverywhere) {
  start();
  world.udp(client, 4000, origin(53), numbered(1));
  world.udp(client, 4001, origin(123), numbered(2));
  world.run_for(100ms);
  EXPECT_EQ(client.received.size(), 2u);
  EXPECT_EQ(sockets(), 2u);
  EXPECT_EQ(world.edge->edge.packets().flows(Protocol::udp), 2u);
  world.run_for(31s);
  EXPECT_EQ(world.edge->edge.packets().flows(Protocol::udp), 1u) << "DNS is short";
  world.run_for(31s);  // sessions live a little longer at the connector than here
  EXPECT_EQ(sockets(), 1u);
  for (int i = 0; i < 3; ++i) {  // in use it stays
    world.run_for(250s);
    world.udp(client, 4001, origin(123), numbered(3));
  }
  world.run_for(100ms);
  EXPECT_EQ(client.received.size(), 5u);
  EXPECT_EQ(sockets(), 1u);
  world.run_for(362s);
  EXPECT_EQ(sockets(), 0u);
  EXPECT_EQ(world.edge->edge.packets().flows(Protocol::udp), 0u);
  EXPECT_EQ(sessions().size(), 0u);
  EXPECT_EQ(node().connector->udp().mappings().mappings(), 0u);
}

TEST_P(Udp, WhenTheConnectorIsFullTheNewOneIsRefusedAndNoOldOneHurt) {
  world.options.udp_mappings.max_mappings = 20;
  world.options.udp_mappings.max_mappings_per_client = 20;
  start();
  const auto send_all = [&](std::uint16_t ports) {
    for (std::uint16_t i = 0; i < ports; ++i) {
      world.udp(client, static_cast<std::uint16_t>(4000 + i), origin(123), numbered(i));
    }
    world.run_for(1s);
  };
  send_all(20);
  EXPECT_EQ(client.received.size(), 20u);
  world.udp(client, 4999, origin(123), numbered(99));
  world.run_for(1s);
  EXPECT_EQ(client.received.size(), 20u);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].port, 4999);
  EXPECT_EQ(client.errors[0].code, family().prohibited);
  send_all(20);
  EXPECT_EQ(client.received.size(), 40u);
  world.run_for(125s);
  world.udp(client, 4999, origin(123), numbered(99));
  world.run_for(1s);
  EXPECT_EQ(client.received.size(), 41u) << "after two minutes the oldest makes room";
}

TEST_P(Udp, AKilledConnectorCostsLessThanASecond) {
  start();
  world.start_connector(2);
  ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 8; }));
  std::vector<Time> answered;
  std::uint32_t sent = 0;
  const auto load_for = [&](Duration duration) {
    for (const Time end = world.now + duration; world.now < end;) {
      for (std::uint16_t port = 4000; port < 4008; ++port) {
        world.udp(client, port, origin(53), numbered(sent++));
      }
      const std::size_t before = client.received.size();
      world.run_for(10ms);
      if (client.received.size() >= before + 8) answered.push_back(world.now);
    }
  };
  load_for(1s);
  world.run_for(50ms);
  ASSERT_EQ(client.received.size(), sent);
  world.kill_connector(1);
  const Time killed = world.now;
  load_for(2s);
  const auto whole_again = std::ranges::find_if(answered, [&](Time time) { return time > killed; });
  ASSERT_NE(whole_again, answered.end());
  EXPECT_LT(*whole_again - killed, 1s);
  EXPECT_GT(client.received.size(), sent - 8 * 100);
}

TEST_P(Udp, AConnectorThatStopsInOrderLosesNothing) {
  start();
  world.start_connector(2);
  ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 8; }));
  std::uint32_t sent = 0;
  const auto load_for = [&](Duration duration) {
    for (const Time end = world.now + duration; world.now < end; world.run_for(10ms)) {
      for (std::uint16_t port = 4000; port < 4008; ++port) {
        world.udp(client, port, origin(123), numbered(sent++));
      }
    }
  };
  load_for(1s);
  node(1).connector->drain(world.now);
  load_for(2s);
  world.run_for(200ms);
  EXPECT_EQ(client.received.size(), sent);
  EXPECT_TRUE(client.errors.empty());
  EXPECT_GT(node(2).udp_network.datagrams, sent / 2);
}

TEST_P(Udp, LossOnTheWayIsLossAndNothingElse) {
  start();
  world.network.conditions = {.delay = 5ms, .jitter = 3ms, .loss = 0.1};
  std::uint32_t sent = 0;
  for (std::uint16_t port = 4000; port < 4200; ++port) {
    for (int i = 0; i < 5; ++i) {
      world.udp(client, port, origin(123), numbered(sent++));
      world.run_for(2ms);
    }
  }
  world.run_for(4s);
  EXPECT_GT(client.received.size(), sent * 7 / 10);
  EXPECT_LE(client.received.size(), sent) << "nothing comes twice";
  EXPECT_TRUE(client.errors.empty());
  EXPECT_EQ(sessions().waiting(), 0u);
}

}  // namespace
}  // namespace oneping::sim
