// Peers that speak of UDP sessions as they like: nothing crosses, nothing leaks, nobody falls.
#include <gtest/gtest.h>

#include <algorithm>

#include "test/sim/hostile.h"
#include "test/support/packet_builder.h"
#include "tunnel/udp_format.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;
using test::PacketBuilder;
using tunnel::DatagramVersion;
using tunnel::UdpCarriage;
using tunnel::UdpResult;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }
SocketAddress at(const char* text) { return SocketAddress::parse(text).value(); }

const SocketAddress kDns = at("172.16.10.120:53");
const SocketAddress kTime = at("172.16.10.120:123");

Uuid id_number(std::uint32_t number) {
  Uuid id{};
  store_be32(id.data(), number);
  return id;
}

// A connector before an edge that does as the test says.
class UdpConnector : public testing::Test {
 protected:
  UdpConnector() : world({.seed = 8, .udp_mappings = {.max_mappings = 50}}) {
    world.kill_edge();
    edge = std::make_unique<HostileEdge>(world);
    node = &world.start_connector();
    EXPECT_TRUE(world.run_until([this] { return node->connector->ready_connections() == 4; }));
    world.run_for(1s);
  }
  void TearDown() override { world.expect_counters_add_up(); }

  void register_udp(std::uint32_t number, const SocketAddress& to, Duration idle = 30s,
                    Bytes payload = {}) {
    const auto datagram = tunnel::make_udp_registration(pool, {.id = id_number(number),
                                                               .destination = to,
                                                               .idle = idle,
                                                               .has_payload = !payload.empty(),
                                                               .payload = payload});
    edge->send(datagram->bytes());
  }
  void send_payload(std::uint32_t number, Bytes payload) {
    auto packet = pool.copy(payload).value();
    tunnel::frame_udp_payload(DatagramVersion::v3, id_number(number), packet);
    edge->send(packet.bytes());
  }
  [[nodiscard]] std::size_t sockets() const { return node->udp_network.open_sockets.size(); }
  [[nodiscard]] std::size_t answers(UdpResult result) const {
    return static_cast<std::size_t>(std::ranges::count(
        edge->udp_answers, result, [](const auto& answer) { return answer.second; }));
  }
  [[nodiscard]] std::uint64_t malformed() const {
    return node->connector->to_network().packets.dropped(DropReason::malformed_datagram);
  }

  World world;
  PacketPool pool;
  std::unique_ptr<HostileEdge> edge;
  ConnectorNode* node = nullptr;
};

TEST_F(UdpConnector, AFloodOfRegistrationsTakesNoMoreThanThereIs) {
  for (std::uint32_t i = 0; i < 5000; ++i) {
    register_udp(i, kTime);
    if (i % 100 == 0) world.run_for(20ms);
  }
  world.run_for(1s);
  EXPECT_EQ(sockets(), 50u);
  EXPECT_EQ(answers(UdpResult::ok), 50u);
  EXPECT_GE(answers(UdpResult::too_many_flows), 4900u);
  world.run_for(61s);
  EXPECT_EQ(sockets(), 0u);
  register_udp(9999, kTime);
  world.run_for(100ms);
  EXPECT_EQ(answers(UdpResult::ok), 51u) << "and then there is room again";
}

TEST_F(UdpConnector, AReplayIsTheSameSession) {
  for (int i = 0; i < 200; ++i) register_udp(1, kTime, 30s, ByteVector{7});
  world.run_for(200ms);
  EXPECT_EQ(sockets(), 1u);
  EXPECT_EQ(answers(UdpResult::ok), 200u);
  EXPECT_EQ(edge->udp_payloads.size(), 200u) << "each payload is a datagram";
  register_udp(1, kDns);
  world.run_for(100ms);
  EXPECT_EQ(answers(UdpResult::error), 1u) << "a known id, for somewhere else";
  send_payload(1, ByteVector{8});
  world.run_for(100ms);
  EXPECT_EQ(edge->udp_payloads.back().second, ByteVector{8});
  EXPECT_EQ(sockets(), 1u);
}

TEST_F(UdpConnector, CutAndUnknownDatagramsGoNowhere) {
  const auto whole = tunnel::make_udp_registration(
      pool, {.id = id_number(1), .destination = at("[fd00:172:16:10::120]:53")});
  for (std::size_t size = 1; size < whole->size(); ++size) edge->send(whole->bytes().first(size));
  world.run_for(100ms);
  EXPECT_EQ(malformed(), whole->size() - 1);
  for (std::uint32_t i = 0; i < 500; ++i) send_payload(i, ByteVector{1, 2, 3});
  world.run_for(200ms);
  EXPECT_EQ(sockets(), 0u);
  EXPECT_EQ(node->udp_network.datagrams, 0u);
  EXPECT_EQ(node->connector->udp().session_request_counters().dropped(DropReason::no_flow), 500u);
}

TEST_F(UdpConnector, NoiseIsSurvived) {
  for (int i = 0; i < 3000; ++i) {
    ByteVector noise(1 + world.random.below(80));
    world.random.fill(noise);
    noise[0] = static_cast<std::uint8_t>(world.random.below(5));
    edge->send(noise);
    if (i % 100 == 0) world.run_for(20ms);
  }
  world.run_for(1s);
  EXPECT_LE(sockets(), 50u);
  register_udp(1, kTime, 30s, ByteVector{9});
  world.run_for(200ms);
  const bool is_answered = std::ranges::any_of(
      edge->udp_answers, [](const auto& answer) { return answer.first == id_number(1); });
  EXPECT_TRUE(is_answered);
}

TEST_F(UdpConnector, RefusedDestinationsGetNoSocket) {
  node->network.broadcasts.insert(*IpAddress::parse("172.16.10.255"));
  for (const char* to : {"127.0.0.1:53", "169.254.169.254:80", "224.0.0.1:5000", "172.16.10.255:53",
                         "0.0.0.0:53", "172.16.10.120:0", "[::1]:53", "[fe80::1]:53"}) {
    register_udp(1, at(to), 30s, ByteVector{1});
  }
  world.run_for(200ms);
  EXPECT_EQ(sockets(), 0u);
  EXPECT_EQ(answers(UdpResult::error), 8u);
  EXPECT_EQ(node->udp_network.datagrams, 0u);
}

TEST_F(UdpConnector, ASessionsAnswersGoWhereItWasRegisteredLast) {
  register_udp(1, kTime);
  world.run_for(100ms);
  register_udp(1, kTime);  // the hostile edge takes its connections in turn
  world.run_for(100ms);
  send_payload(1, ByteVector{5});
  world.run_for(100ms);
  ASSERT_EQ(edge->udp_payloads.size(), 1u);
  EXPECT_EQ(sockets(), 1u);
}

TEST_F(UdpConnector, ALargeAnswerEndsNoSession) {
  register_udp(1, kTime);
  world.run_for(100ms);
  node->udp_network.intrude(0, kTime, ByteVector(1281));
  world.run_for(100ms);
  EXPECT_TRUE(edge->udp_payloads.empty());
  EXPECT_EQ(node->connector->udp().session_reply_counters().dropped(DropReason::too_big), 1u);
  node->udp_network.intrude(0, kTime, ByteVector(1280));
  world.run_for(100ms);
  ASSERT_EQ(edge->udp_payloads.size(), 1u);
  EXPECT_EQ(edge->udp_payloads[0].second.size(), 1280u);
}

// An edge before a connector of another tunnel that does as the test says.
class UdpEdge : public testing::Test {
 protected:
  UdpEdge() : world({.seed = 8, .udp = UdpCarriage::sessions}), client("100.96.0.1") {
    world.control.add_tunnel("other");
    world.control.remake_routing();
    world.apply();
    world.start_connector();
    hostile = std::make_unique<HostileConnector>(world, "other");
    EXPECT_TRUE(world.run_until_ready());
    EXPECT_TRUE(world.run_until([this] { return hostile->is_registered(); }));
    world.run_for(1s);
    world.udp(client, 4000, kTime, {1, 2, 3});
    world.run_for(200ms);
    EXPECT_EQ(client.received.size(), 1u);
    auto& udp = const_cast<UdpProxy&>(world.connectors[1]->connector->udp());
    session = const_cast<UdpMappings&>(udp.mappings()).mapping(0).owner.session();
  }
  void TearDown() override { world.expect_counters_add_up(); }

  void send_payload(const Uuid& id, Bytes payload) {
    auto packet = pool.copy(payload).value();
    tunnel::frame_udp_payload(DatagramVersion::v3, id, packet);
    hostile->send(packet.bytes());
  }
  const edge::UdpSessions& sessions() { return world.edge->edge.packets().udp_sessions(); }

  World world;
  PacketPool pool;
  UdpClient client;
  std::unique_ptr<HostileConnector> hostile;
  Uuid session{};
};

TEST_F(UdpEdge, AnotherTunnelsSessionIsNobodys) {
  send_payload(session, ByteVector{6, 6, 6});
  for (std::uint32_t i = 0; i < 300; ++i) send_payload(id_number(i), ByteVector{6, 6, 6});
  world.run_for(200ms);
  EXPECT_EQ(client.received.size(), 1u);
  EXPECT_EQ(sessions().payload_counters().dropped(DropReason::no_flow), 301u);
  for (const auto result : {UdpResult::error, UdpResult::too_many_flows, UdpResult::ok}) {
    hostile->send(tunnel::make_udp_response(pool, {session, result, "no"})->bytes());
  }
  world.run_for(200ms);
  world.udp(client, 4000, kTime, {1, 2, 3});
  world.run_for(200ms);
  EXPECT_EQ(client.received.size(), 2u) << "nor can it be ended from there";
  EXPECT_TRUE(client.errors.empty());
}

TEST_F(UdpEdge, AnotherTunnelsPacketsReachNoFlow) {
  const auto forged =
      PacketBuilder(kTime.address, client.address).udp(kTime.port, 4000, {6, 6, 6}).build();
  const auto error =
      PacketBuilder("172.16.10.1", "100.96.0.1")
          .icmp(
              3, 3, 0,
              PacketBuilder(client.address, kTime.address).udp(4000, kTime.port, {1, 2, 3}).build())
          .build();
  for (const auto& packet : {forged, error}) {
    auto framed = pool.copy(packet).value();
    tunnel::frame_ip_packet(DatagramVersion::v3, framed);
    hostile->send(framed.bytes());
  }
  world.run_for(200ms);
  EXPECT_EQ(client.received.size(), 1u);
  EXPECT_TRUE(client.errors.empty());
  EXPECT_EQ(world.edge->edge.packets().to_client().packets.dropped(DropReason::no_flow), 2u);
}

TEST_F(UdpEdge, NoiseIsSurvived) {
  for (int i = 0; i < 3000; ++i) {
    ByteVector noise(1 + world.random.below(80));
    world.random.fill(noise);
    noise[0] = static_cast<std::uint8_t>(world.random.below(5));
    hostile->send(noise);
    if (i % 100 == 0) world.run_for(20ms);
  }
  world.run_for(1s);
  world.udp(client, 4000, kTime, {1, 2, 3});
  world.run_for(200ms);
  EXPECT_EQ(client.received.size(), 2u);
}

}  // namespace
}  // namespace oneping::sim
