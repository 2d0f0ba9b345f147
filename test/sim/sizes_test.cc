// Echoes of every size, in pieces and back, through everything.
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
  const char* attacker;
  const char* origin;
  const char* edge_hop;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

const Case kCases[] = {
    {"v4_datagram_v2", DatagramVersion::v2, "100.96.0.1", "100.96.0.66", "172.16.10.120",
     "172.68.101.57"},
    {"v4_datagram_v3", DatagramVersion::v3, "100.96.0.1", "100.96.0.66", "172.16.10.120",
     "172.68.101.57"},
    {"v6_datagram_v2", DatagramVersion::v2, "fd00:100:96::1", "fd00:100:96::66",
     "fd00:172:16:10::120", "fd00:172:68:101::57"},
    {"v6_datagram_v3", DatagramVersion::v3, "fd00:100:96::1", "fd00:100:96::66",
     "fd00:172:16:10::120", "fd00:172:68:101::57"},
};

class Sizes : public testing::TestWithParam<Case> {
 protected:
  void start(const WorldOptions& more = {}) {
    WorldOptions options = more;
    options.seed = 23;
    options.datagram = GetParam().datagram;
    world.emplace(options);
    world->went_in_pieces = true;
    world->start_connector();
    ASSERT_TRUE(world->run_until_ready());
    world->run_for(1s);  // path MTU discovery
  }
  void TearDown() override {
    world->run_for(16s);  // half packets are given up
    world->expect_counters_add_up();
    EXPECT_EQ(world->edge->pool.in_use(), 0u);
  }
  std::vector<std::uint8_t> payload_of(std::size_t size) {
    std::vector<std::uint8_t> payload(size);
    world->random.fill(payload);
    return payload;
  }
  void ping(std::uint16_t sequence, const std::vector<std::uint8_t>& payload,
            std::uint8_t hop_limit = 64) {
    for (Packet& piece : client.request_in_pieces(world->edge->pool, address(GetParam().origin),
                                                  {77, sequence}, payload, hop_limit)) {
      world->send(client, std::move(piece));
    }
  }
  std::optional<World> world;
  Client client{GetParam().client};
};

INSTANTIATE_TEST_SUITE_P(Sim, Sizes, testing::ValuesIn(kCases),
                         [](const auto& p) { return p.param.name; });

TEST_P(Sizes, EverySizeComesBackByteForByte) {
  start();
  std::uint16_t sequence = 0;
  for (const std::size_t size :
       {0u, 56u, 1232u, 1233u, 1372u, 1400u, 1472u, 1473u, 3000u, 8000u, 20000u, 65507u}) {
    const auto payload = payload_of(size);
    client.replies.clear();
    ping(++sequence, payload);
    world->run_for(100ms);
    ASSERT_EQ(client.replies.size(), 1u) << size;
    EXPECT_EQ(client.replies[0].payload, payload);
    EXPECT_EQ(client.replies[0].hop_limit, 62);
  }
  EXPECT_TRUE(client.errors.empty());
}

TEST_P(Sizes, TwoHundredAtOnceComeBack) {
  start();
  std::vector<std::vector<std::uint8_t>> payloads;
  for (std::uint16_t sequence = 0; sequence < 200; ++sequence) {
    payloads.push_back(payload_of(1473 + 97u * sequence));
    ping(sequence, payloads.back());
    if (sequence % 10 == 9) world->run_for(1ms);
  }
  world->run_for(2s);
  ASSERT_EQ(client.replies.size(), 200u);
  for (const Received& reply : client.replies) {
    EXPECT_EQ(reply.payload, payloads[reply.identity.sequence]);
  }
}

TEST_P(Sizes, AnAttackersHalvesCostHimselfOnly) {
  start();
  Client attacker(GetParam().attacker);
  attacker.device = 2;
  world->control.devices.push_back({.id = 2, .device = "other", .user = "mallory"});
  world->control.remake_identities();
  world->apply();
  for (std::uint16_t sequence = 0; sequence < 300; ++sequence) {
    for (std::uint16_t i = 0; i < 20; ++i) {
      auto half = attacker.request_in_pieces(world->edge->pool, address(GetParam().origin),
                                             {99, static_cast<std::uint16_t>(20 * sequence + i)},
                                             payload_of(3000));
      half.erase(half.begin() + i % 3);
      for (Packet& piece : half) world->send(attacker, std::move(piece));
    }
    ping(sequence, payload_of(3000));
    world->run_for(2ms);
    ASSERT_LE(world->edge->pool.in_use(), 2000u) << "his share";
  }
  world->run_for(1s);
  EXPECT_EQ(client.replies.size(), 300u);
  EXPECT_TRUE(attacker.replies.empty());
}

TEST_P(Sizes, ALostPieceIsALostPingAndNoMore) {
  start();
  world->network.conditions.loss = 0.05;
  for (std::uint16_t sequence = 0; sequence < 200; ++sequence) {
    ping(sequence, payload_of(4000));
    world->run_for(5ms);
  }
  world->network.conditions.loss = 0;
  world->run_for(1s);
  EXPECT_GT(client.replies.size(), 50u);
  EXPECT_LT(client.replies.size(), 200u);
  client.replies.clear();
  ping(1000, payload_of(4000));
  world->run_for(1s);
  EXPECT_EQ(client.replies.size(), 1u);
}

TEST_P(Sizes, HopsShowForLargePacketsToo) {
  start();
  ping(1, payload_of(3000), 1);
  ping(2, payload_of(3000), 2);
  world->run_for(100ms);
  ASSERT_EQ(client.errors.size(), 2u);
  EXPECT_EQ(client.errors[0].source, address(GetParam().edge_hop));
  EXPECT_EQ(client.errors[0].identity.sequence, 1);
  EXPECT_EQ(client.errors[1].identity.sequence, 2);
}

TEST_P(Sizes, TheEdgeSpeaksForAForeignConnectorsLimit) {
  start({.foreign_connectors = true});
  const std::size_t headers = client.address.is_v4() ? 28 : 48;
  ping(1, payload_of(1280 - headers));
  world->run_for(100ms);
  EXPECT_EQ(client.replies.size(), 1u) << "as much as it takes";
  for (const std::size_t size : {1281 - headers, std::size_t{3000}}) {
    client.errors.clear();
    ping(2, payload_of(size));
    world->run_for(100ms);
    ASSERT_EQ(client.errors.size(), 1u) << size;
    EXPECT_EQ(client.errors[0].source, address(GetParam().edge_hop));
    EXPECT_EQ(client.errors[0].type, client.address.is_v4() ? 3 : 2);
    EXPECT_EQ(client.errors[0].mtu, 1280u);
  }
  EXPECT_EQ(client.replies.size(), 1u);
}

}  // namespace
}  // namespace oneping::sim
