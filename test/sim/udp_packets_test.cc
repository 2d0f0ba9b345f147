// UDP as whole packets between our own ends: what sessions have no words for.
#include <algorithm>

#include "test/sim/udp_world.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

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

}  // namespace
}  // namespace oneping::sim
