// One ping through everything: what comes back, from whom, and what each packet was counted as.
#include <gtest/gtest.h>

#include "test/sim/world.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;
using tunnel::DatagramVersion;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

struct Case {
  const char* name;
  DatagramVersion datagram;
  const char* client;
  const char* origin;
  const char* edge_hop;
  const char* connector_hop;
  std::uint8_t reply, exceeded, unreachable;
};

const Case kCases[] = {
    {"v4_datagram_v2", DatagramVersion::v2, "100.96.0.1", "172.16.10.120", "172.68.101.57",
     "172.16.10.100", 0, 11, 3},
    {"v4_datagram_v3", DatagramVersion::v3, "100.96.0.1", "172.16.10.120", "172.68.101.57",
     "172.16.10.100", 0, 11, 3},
    {"v6_datagram_v2", DatagramVersion::v2, "fd00:100:96::1", "fd00:172:16:10::120",
     "fd00:172:68:101::57", "fd00:172:16:10::100", 129, 3, 1},
    {"v6_datagram_v3", DatagramVersion::v3, "fd00:100:96::1", "fd00:172:16:10::120",
     "fd00:172:68:101::57", "fd00:172:16:10::100", 129, 3, 1},
};

class Path : public testing::TestWithParam<Case> {
 protected:
  Path() : world({.seed = 7, .datagram = GetParam().datagram}), client(GetParam().client) {}
  void TearDown() override { world.expect_counters_add_up(); }
  void start() {
    world.start_connector();
    ASSERT_TRUE(world.run_until_ready());
    world.run_for(1s);  // path MTU discovery
  }
  void ping(std::uint16_t sequence, std::uint8_t hop_limit = 64,
            const std::vector<std::uint8_t>& payload = Client::default_payload()) {
    world.ping(client, address(GetParam().origin), {77, sequence}, hop_limit, payload);
  }
  World world;
  Client client;
};

INSTANTIATE_TEST_SUITE_P(Sim, Path, testing::ValuesIn(kCases),
                         [](const auto& p) { return p.param.name; });

TEST_P(Path, APingComesBackAsItWasSentWithTwoHopsTaken) {
  start();
  for (std::uint16_t i = 1; i <= 100; ++i) {
    ping(i);
    world.run_for(10ms);
  }
  world.run_for(100ms);
  ASSERT_EQ(client.replies.size(), 100u);
  for (std::uint16_t i = 0; i < 100; ++i) {
    const Received& reply = client.replies[i];
    EXPECT_EQ(reply.source, address(GetParam().origin));
    EXPECT_EQ(reply.type, GetParam().reply);
    EXPECT_EQ(reply.hop_limit, 62);
    EXPECT_EQ(reply.identity, (EchoIdentity{77, static_cast<std::uint16_t>(i + 1)}));
    EXPECT_EQ(reply.payload, Client::default_payload());
  }
  EXPECT_TRUE(client.errors.empty());
}

TEST_P(Path, EachHopCountsPacketsAndBytesOfEachDirection) {
  start();
  for (std::uint16_t i = 1; i <= 10; ++i) ping(i);
  ping(11, 1);  // ends at the edge
  ping(12, 2);  // ends at the connector, whose error goes back
  world.run_for(100ms);
  const std::size_t size = ip_header_size(client.address.family()) + kIcmpHeaderSize + 56;
  const edge::PacketPath& edge = world.edge->edge.packets();
  const connector::Connector& connector = *world.connectors[1]->connector;
  struct Expected {
    const char* name;
    const TrafficCounters& traffic;
    std::uint64_t in, forwarded, answered;
  };
  for (const Expected& e : {Expected{"edge to network", edge.to_network(), 12, 11, 1},
                            Expected{"connector to network", connector.to_network(), 11, 10, 1},
                            Expected{"connector to client", connector.to_client(), 10, 10, 0}}) {
    SCOPED_TRACE(e.name);
    EXPECT_EQ(e.traffic.packets.in(), e.in);
    EXPECT_EQ(e.traffic.packets.forwarded(), e.forwarded);
    EXPECT_EQ(e.traffic.packets.answered(), e.answered);
    EXPECT_EQ(e.traffic.bytes_received, e.in * size);
    EXPECT_EQ(e.traffic.bytes_forwarded, e.forwarded * size);
  }
  // The connector's error is a packet too, and longer: it quotes one.
  EXPECT_EQ(edge.to_client().packets.in(), 11u);
  EXPECT_EQ(edge.to_client().packets.forwarded(), 11u);
  EXPECT_GT(edge.to_client().bytes_forwarded, 11 * size);
  EXPECT_EQ(edge.to_client().bytes_forwarded, edge.to_client().bytes_received);
}

TEST_P(Path, TracerouteSeesEdgeConnectorOrigin) {
  start();
  for (std::uint8_t ttl = 1; ttl <= 3; ++ttl) ping(ttl, ttl);
  world.run_for(100ms);
  ASSERT_EQ(client.errors.size(), 2u);
  EXPECT_EQ(client.errors[0].source, address(GetParam().edge_hop));
  EXPECT_EQ(client.errors[0].type, GetParam().exceeded);
  EXPECT_EQ(client.errors[0].identity.sequence, 1);
  EXPECT_EQ(client.errors[1].source, address(GetParam().connector_hop));
  EXPECT_EQ(client.errors[1].type, GetParam().exceeded);
  EXPECT_EQ(client.errors[1].identity.sequence, 2);
  ASSERT_EQ(client.replies.size(), 1u);
  EXPECT_EQ(client.replies[0].identity.sequence, 3);
}

TEST_P(Path, EverySizeThatTheTunnelCarriesComesBackByteForByte) {
  start();
  const std::size_t header = ip_header_size(client.address.family()) + kIcmpHeaderSize;
  const std::size_t largest = 1411;  // a datagram of 1412, one of them the tunnel's
  std::uint16_t sequence = 0;
  for (std::size_t size = 0; size <= largest - header; ++size) {
    std::vector<std::uint8_t> payload(size);
    world.random.fill(payload);
    client.replies.clear();
    ping(++sequence, 64, payload);
    world.run_for(20ms);
    ASSERT_EQ(client.replies.size(), 1u) << "size " << size;
    ASSERT_EQ(client.replies[0].payload, payload);
  }
  ping(++sequence, 64, std::vector<std::uint8_t>(largest - header + 1));
  world.run_for(20ms);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(GetParam().edge_hop));
  EXPECT_EQ(client.errors[0].mtu, largest);
  EXPECT_EQ(world.edge->edge.packets().to_network().packets.answered(DropReason::too_big), 1u);
}

TEST_P(Path, AnOriginThatIsDownIsSilenceAndTheHopsStay) {
  start();
  for (auto& [_, host] : world.connectors[1]->network.hosts) host.up = false;
  for (std::uint8_t ttl = 1; ttl <= 3; ++ttl) ping(ttl, ttl);
  world.run_for(2s);
  EXPECT_TRUE(client.replies.empty());
  EXPECT_EQ(client.errors.size(), 2u);
}

TEST_P(Path, WithoutAConnectionTheEdgeSaysHostUnreachable) {
  ping(1);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(GetParam().edge_hop));
  EXPECT_EQ(client.errors[0].type, GetParam().unreachable);
  EXPECT_EQ(client.errors[0].code, GetParam().unreachable == 3 ? 1 : 3);
}

TEST_P(Path, WithoutARouteTheEdgeSaysNetUnreachable) {
  const auto nowhere = address(client.address.is_v4() ? "10.99.0.1" : "fd99::1");
  world.ping(client, nowhere, {7, 1});
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].type, GetParam().unreachable);
  EXPECT_EQ(client.errors[0].code, 0);
}

TEST_P(Path, WithoutPingSocketsTheConnectorSaysProhibited) {
  world.options.ping_channels = 0;
  start();
  ping(1);
  world.run_for(50ms);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(GetParam().connector_hop));
  EXPECT_EQ(client.errors[0].code, GetParam().unreachable == 3 ? 13 : 1);
  const auto& counters = world.connectors[1]->connector->to_network().packets;
  EXPECT_EQ(counters.answered(DropReason::icmp_unavailable), 1u);
}

TEST_P(Path, ClientsWithTheSameEchoIdGetEachHisOwn) {
  start();
  const char* others[] = {"100.96.0.2", "fd00:100:96::2"};
  Client second(others[client.address.is_v4() ? 0 : 1]);
  for (std::uint16_t i = 1; i <= 1000; ++i) {
    ping(i, 64, std::vector<std::uint8_t>(8, 1));
    world.ping(second, address(GetParam().origin), {77, i}, 64, std::vector<std::uint8_t>(8, 2));
    world.run_for(2ms);
  }
  world.run_for(100ms);
  EXPECT_EQ(client.replies.size(), 1000u);
  EXPECT_EQ(second.replies.size(), 1000u);
  for (const auto& reply : client.replies) ASSERT_EQ(reply.payload[0], 1);
  for (const auto& reply : second.replies) ASSERT_EQ(reply.payload[0], 2);
}

TEST_P(Path, ARepeatedRequestIsAnsweredEachTime) {
  start();
  for (int i = 0; i < 3; ++i) ping(1);
  world.run_for(100ms);
  EXPECT_EQ(client.replies.size(), 3u);
}

}  // namespace
}  // namespace oneping::sim
