// UDP through the whole path: as whole packets between our own edge and connector, and by sessions
// of the tunnel protocol, in both versions.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "test/sim/world.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;
using tunnel::DatagramVersion;
using tunnel::UdpCarriage;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

UdpClient::Payload numbered(std::uint32_t number, std::size_t size = 4) {
  UdpClient::Payload bytes(std::max<std::size_t>(size, 4));
  store_be32(bytes.data(), number);
  for (std::size_t i = 4; i < bytes.size(); ++i) bytes[i] = static_cast<std::uint8_t>(number + i);
  bytes.resize(size);
  return bytes;
}

struct Family {
  const char* name;
  const char* client;
  const char* other;
  const char* origin;
  const char* far;
  const char* nowhere;
  const char* edge_hop;
  const char* connector_hop;
  const char* r1;
  const char* r2;
  std::uint8_t exceeded, unreachable, prohibited, port_unreachable;
};

const Family kV4 = {"v4",
                    "100.96.0.1",
                    "100.96.0.2",
                    "172.16.10.120",
                    "10.20.30.40",
                    "10.99.0.1",
                    "172.68.101.57",
                    "172.16.10.100",
                    "172.16.10.1",
                    "10.20.1.2",
                    11,
                    3,
                    13,
                    3};
const Family kV6 = {"v6",
                    "fd00:100:96::1",
                    "fd00:100:96::2",
                    "fd00:172:16:10::120",
                    "fd00:10:20:30::40",
                    "fd99::1",
                    "fd00:172:68:101::57",
                    "fd00:172:16:10::100",
                    "fd00:172:16:10::1",
                    "fd00:10:20:1::2",
                    3,
                    1,
                    1,
                    4};

struct Way {
  const char* name;
  DatagramVersion datagram;
  UdpCarriage carriage;
  bool by_sessions;  // the edge's wish
  [[nodiscard]] bool has_packets() const {
    return carriage == UdpCarriage::packets && !by_sessions;
  }
};

const Way kPacketsV2 = {"packets_v2", DatagramVersion::v2, UdpCarriage::packets, false};
const Way kPacketsV3 = {"packets_v3", DatagramVersion::v3, UdpCarriage::packets, false};
const Way kSessionsV2 = {"sessions_v2", DatagramVersion::v2, UdpCarriage::sessions, false};
const Way kSessionsV3 = {"sessions_v3", DatagramVersion::v3, UdpCarriage::sessions, false};
const Way kEdgesWish = {"edges_wish", DatagramVersion::v3, UdpCarriage::packets, true};

struct Case {
  Family family;
  Way way;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.family.name << c.way.name; }
};

std::vector<Case> cases(std::initializer_list<Way> ways) {
  std::vector<Case> all;
  for (const Way& way : ways) {
    for (const Family& family : {kV4, kV6}) all.push_back({family, way});
  }
  return all;
}

std::string name_of(const testing::TestParamInfo<Case>& info) {
  return std::string(info.param.family.name) + "_" + info.param.way.name;
}

class Udp : public testing::TestWithParam<Case> {
 protected:
  Udp()
      : world({.seed = 6,
               .datagram = GetParam().way.datagram,
               .udp = GetParam().way.carriage,
               .udp_by_sessions = GetParam().way.by_sessions}),
        client(family().client) {}
  void TearDown() override { world.expect_counters_add_up(); }

  static const Family& family() { return GetParam().family; }
  static const Way& way() { return GetParam().way; }
  static SocketAddress origin(std::uint16_t port = 53) { return {address(family().origin), port}; }
  static SocketAddress far(std::uint16_t port) { return {address(family().far), port}; }

  void start() {
    world.start_connector();
    ASSERT_TRUE(world.run_until_ready());
    world.run_for(1s);  // path MTU discovery
  }
  ConnectorNode& node(std::uint8_t number = 1) { return *world.connectors[number]; }
  std::size_t sockets(std::uint8_t number = 1) {
    return node(number).udp_network.open_sockets.size();
  }
  const edge::UdpSessions& sessions() { return world.edge->edge.packets().udp_sessions(); }

  World world;
  UdpClient client;
};

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
  node().network.hosts[address(family().connector_hop)] = Host{};
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

// Whole packets alone: what sessions have no words for.

using UdpPackets = Udp;

INSTANTIATE_TEST_SUITE_P(Sim, UdpPackets, testing::ValuesIn(cases({kPacketsV2, kPacketsV3})),
                         name_of);

TEST_P(UdpPackets, TracerouteSeesEveryHop) {
  start();
  for (std::uint8_t ttl = 1; ttl <= 5; ++ttl) {
    world.udp(client, 40000, far(static_cast<std::uint16_t>(33433 + ttl)), numbered(ttl, 32), ttl);
  }
  world.run_for(200ms);
  ASSERT_EQ(client.errors.size(), 5u);
  std::ranges::sort(client.errors, {}, [](const auto& error) { return error.about.port; });
  const Family& f = family();
  const char* hops[] = {f.edge_hop, f.connector_hop, f.r1, f.r2, f.far};
  for (std::size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(client.errors[i].source, address(hops[i])) << i;
    EXPECT_EQ(client.errors[i].type, i < 4 ? f.exceeded : f.unreachable);
    EXPECT_EQ(client.errors[i].code, i < 4 ? 0 : f.port_unreachable);
    EXPECT_EQ(client.errors[i].port, 40000);
  }
}

TEST_P(UdpPackets, DatagramsInPiecesComeBackByteForByte) {
  start();
  world.went_in_pieces = true;
  std::uint32_t number = 0;
  for (const std::size_t size : {1400u, 1472u, 1473u, 1893u, 3000u, 8000u, 60000u, 65507u}) {
    client.received.clear();
    const auto payload = numbered(++number, size);
    for (Packet& piece : client.packet_in_pieces(world.edge->pool, 4000, origin(123), payload)) {
      world.send(client, std::move(piece));
    }
    world.run_for(100ms);
    ASSERT_EQ(client.received.size(), 1u) << size;
    EXPECT_EQ(client.received[0].source, origin(123));
    EXPECT_EQ(client.received[0].port, 4000);
    EXPECT_EQ(client.received[0].hop_limit, 62);
    EXPECT_EQ(client.received[0].payload, payload);
  }
  EXPECT_TRUE(client.errors.empty());
  EXPECT_EQ(world.edge->pool.in_use(), 0u);
}

TEST_P(UdpPackets, AClosedPortIsToldAtOnce) {
  start();
  world.udp(client, 4000, origin(9), numbered(1));
  world.run_for(50ms);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(family().origin));
  EXPECT_EQ(client.errors[0].type, family().unreachable);
  EXPECT_EQ(client.errors[0].code, family().port_unreachable);
  EXPECT_EQ(client.errors[0].about, origin(9));
  world.udp(client, 4000, origin(7), numbered(2));
  world.run_for(50ms);
  EXPECT_EQ(client.received.size(), 1u) << "the mapping lives on";
  EXPECT_EQ(sockets(), 1u);
}

TEST_P(UdpPackets, ErrorsOfTheNetworkSayWhy) {
  start();
  Host& host = node().network.hosts[address(family().far)];
  host.refused = Host::Refusal{family().unreachable, family().prohibited};
  world.udp(client, 4000, far(7), numbered(1));
  world.run_for(50ms);
  host.refused.reset();
  host.mtu = 600;
  world.udp(client, 4001, far(7), numbered(2, 800));
  world.run_for(50ms);
  host.failure = DropReason::no_route;
  world.udp(client, 4002, far(7), numbered(3));
  world.run_for(50ms);
  const bool v4 = client.address.is_v4();
  ASSERT_EQ(client.errors.size(), 3u);
  EXPECT_EQ(client.errors[0].source, address(family().r2));
  EXPECT_EQ(client.errors[0].code, family().prohibited);
  EXPECT_EQ(client.errors[1].source, address(family().r2));
  EXPECT_EQ(client.errors[1].type, v4 ? 3 : 2);
  EXPECT_EQ(client.errors[1].rest & 0xffff, 600u);
  EXPECT_EQ(client.errors[2].source, address(family().connector_hop)) << "the connector's own host";
  EXPECT_EQ(client.errors[2].type, family().unreachable);
  EXPECT_EQ(client.errors[2].code, 0);
}

TEST_P(UdpPackets, AConnectorWithoutUdpSaysSo) {
  world.options.udp = UdpCarriage::off;
  start();
  world.udp(client, 4000, origin(), numbered(1));
  world.run_for(50ms);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].code, family().prohibited);
  EXPECT_EQ(world.edge->edge.packets().to_network().packets.answered(DropReason::udp_unavailable),
            1u);
}

// Sessions alone.

using UdpBySessions = Udp;

INSTANTIATE_TEST_SUITE_P(Sim, UdpBySessions,
                         testing::ValuesIn(cases({kSessionsV2, kSessionsV3, kEdgesWish})), name_of);

TEST_P(UdpBySessions, TheEdgeIsAHopAndWhatIsBehindIsSilence) {
  start();
  world.udp(client, 4000, far(33434), numbered(1), 1);
  world.run_for(100ms);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(family().edge_hop));
  world.udp(client, 4000, origin(9), numbered(2));
  world.run_for(100ms);
  EXPECT_EQ(client.errors.size(), 1u) << "a session has no words for a closed port";
  EXPECT_EQ(node().connector->udp().error_counters().dropped(DropReason::session_error), 1u);
}

TEST_P(UdpBySessions, APacketTooBigForASessionIsToldTheSize) {
  start();
  const std::size_t headers = ip_header_size(client.address.family()) + kUdpHeaderSize;
  world.udp(client, 4000, origin(), numbered(1, 1280));
  world.run_for(100ms);
  EXPECT_EQ(client.received.size(), 1u);
  world.udp(client, 4000, origin(), numbered(1, 1281));
  world.run_for(100ms);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].type, client.address.is_v4() ? 3 : 2);
  EXPECT_EQ(client.errors[0].rest & 0xffff, 1280 + headers);
}

// Also one that may be cut: a session has no pieces.
TEST_P(UdpBySessions, DatagramsInPiecesThatMakeTooMuchAreToldTheSize) {
  start();
  client.sends_pieces = true;
  world.went_in_pieces = true;
  for (const std::size_t size : {1400u, 3000u, 60000u}) {
    client.errors.clear();
    for (Packet& piece :
         client.packet_in_pieces(world.edge->pool, 4000, origin(123), numbered(1, size))) {
      world.send(client, std::move(piece));
    }
    world.run_for(100ms);
    ASSERT_EQ(client.errors.size(), 1u) << size;
    EXPECT_EQ(client.errors[0].type, client.address.is_v4() ? 3 : 2) << size;
  }
  EXPECT_TRUE(client.received.empty());
  EXPECT_EQ(world.edge->pool.in_use(), 0u);
}

TEST_P(UdpBySessions, AnEndedSessionIsBegunAgain) {
  start();
  world.udp(client, 4000, origin(123), numbered(1));
  world.run_for(100ms);
  world.kill_connector();
  world.start_connector();
  ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 4; }));
  world.run_for(1s);
  for (int i = 0; i < 50; ++i) {
    world.udp(client, 4000, origin(123), numbered(2));
    world.run_for(100ms);
  }
  EXPECT_GE(client.received.size(), 45u);
}

TEST_P(UdpBySessions, TheConnectorMayForgetASessionAndIsAskedAgain) {
  if (way().datagram == DatagramVersion::v2) {
    GTEST_SKIP() << "in v2 an end is told by a call, and nothing is asked again";
  }
  start();
  world.udp(client, 4000, origin(123), numbered(1));
  world.run_for(100ms);
  // As if its end had not been told: a mapping that the edge does not know of takes its place.
  auto& udp = const_cast<UdpProxy&>(node().connector->udp());
  auto& mappings = const_cast<UdpMappings&>(udp.mappings());
  mappings.close(0);
  for (int i = 0; i < 50; ++i) {
    world.udp(client, 4000, origin(123), numbered(2));
    world.run_for(100ms);
  }
  EXPECT_GE(client.received.size(), 25u) << "after two seconds of silence";
}

TEST_P(UdpBySessions, FarAwayTheFirstPacketStillComesOnce) {
  world.network.conditions.delay = 300ms;  // a round trip is longer than the first retries wait
  world.start_connector();
  ASSERT_TRUE(world.run_until_ready());
  world.run_for(10s);  // path MTU discovery
  for (std::uint16_t port = 4000; port < 4010; ++port) {
    world.udp(client, port, origin(123), numbered(port));
  }
  world.run_for(5s);
  EXPECT_EQ(client.received.size(), 10u);
  EXPECT_EQ(node().udp_network.datagrams, 10u);
}

TEST_P(UdpBySessions, ARegistrationThatIsLostCostsNoMoreThanWhatCameAlong) {
  start();
  for (std::uint8_t i = 0; i < 4; ++i) world.network.cut(node().address_of(i), true);
  for (std::uint32_t i = 0; i < 5; ++i) world.udp(client, 4000, origin(123), numbered(i));
  world.run_for(100ms);
  for (std::uint8_t i = 0; i < 4; ++i) world.network.cut(node().address_of(i), false);
  world.run_for(2s);
  const std::size_t lost = way().datagram == DatagramVersion::v3 ? 1 : 0;
  ASSERT_EQ(client.received.size(), 5 - lost);
  for (const auto& got : client.received) {
    EXPECT_EQ(got.payload,
              numbered(static_cast<std::uint32_t>(&got - client.received.data() + lost)));
  }
}

TEST_P(UdpBySessions, BothEndsForgetTogether) {
  start();
  for (std::uint16_t port = 4000; port < 4050; ++port)
    world.udp(client, port, origin(), numbered(port));
  world.run_for(1s);
  EXPECT_EQ(sessions().size(), 50u);
  EXPECT_EQ(sockets(), 50u);
  world.run_for(31s);
  EXPECT_EQ(sessions().size(), 0u);
  if (way().datagram == DatagramVersion::v2) EXPECT_EQ(sockets(), 0u) << "v2 has a call for it";
  world.run_for(31s);
  EXPECT_EQ(sockets(), 0u);
}

TEST_P(UdpBySessions, WaitingPacketsAreBoundedAndTold) {
  start();
  for (std::uint8_t i = 0; i < 4; ++i) world.network.cut(node().address_of(i), true);
  for (std::uint32_t i = 0; i < 200; ++i) world.udp(client, 4000, origin(123), numbered(i));
  world.run_for(10ms);
  EXPECT_EQ(sessions().waiting(), 64u);
  world.run_for(10s);
  EXPECT_EQ(sessions().waiting(), 0u);
  EXPECT_FALSE(client.errors.empty()) << "nobody is left to ask";
  EXPECT_EQ(client.errors[0].type, family().unreachable);
}

}  // namespace
}  // namespace oneping::sim
