// 10 000 broken packets of each kind, from a peer that has registered: nothing crashes, each is
// counted for what it is, and a ping beside them loses nothing.
#include <gtest/gtest.h>

#include "test/sim/damage.h"
#include "test/sim/hostile.h"
#include "test/support/fake_link.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;
using tunnel::DatagramVersion;

constexpr int kEach = 10000;
constexpr std::uint64_t kSeed = 4711;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

ByteVector framed(DatagramVersion version, const ByteVector& packet) {
  ByteVector datagram = packet;
  if (version == DatagramVersion::v2) {
    datagram.push_back(1);
  } else {
    datagram.insert(datagram.begin(), 2);
  }
  return datagram;
}

std::uint64_t counted(const StageCounters& counters, const std::vector<DropReason>& reasons) {
  std::uint64_t sum = 0;
  for (const DropReason reason : reasons)
    sum += counters.dropped(reason) + counters.answered(reason);
  return sum;
}

struct Case {
  DatagramVersion version;
  bool v4;
};

class Damage : public testing::TestWithParam<Case> {
 protected:
  Damage() : world({.seed = kSeed, .datagram = GetParam().version}) {
    client = std::make_unique<Client>(GetParam().v4 ? "100.96.0.1" : "fd00:100:96::1");
    origin = address(GetParam().v4 ? "172.16.10.120" : "fd00:172:16:10::120");
  }
  void TearDown() override { world.expect_counters_add_up(); }
  ByteVector sound(EchoType type) {
    const IpHeader request{.source = client->address, .destination = origin};
    const IpHeader reply{.source = origin, .destination = client->address};
    auto packet = make_echo(pool, type, type == EchoType::request ? request : reply, {9, 1},
                            Client::default_payload())
                      .value();
    return {packet.bytes().begin(), packet.bytes().end()};
  }
  void ping() { world.ping(*client, origin, {9, ++sequence}); }

  PacketPool pool;
  World world;
  std::unique_ptr<Client> client;
  IpAddress origin;
  std::uint16_t sequence = 0;
};

INSTANTIATE_TEST_SUITE_P(
    Sim, Damage,
    testing::Values(Case{DatagramVersion::v2, true}, Case{DatagramVersion::v2, false},
                    Case{DatagramVersion::v3, true}, Case{DatagramVersion::v3, false}),
    [](const auto& p) {
      return std::string(p.param.version == DatagramVersion::v2 ? "v2_" : "v3_") +
             (p.param.v4 ? "ipv4" : "ipv6");
    });

TEST_P(Damage, TheEdgeCountsEachAndPingsGoOn) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  world.start_connector();
  ASSERT_TRUE(world.run_until_ready());
  world.run_for(1s);
  // A flow stays where it is, so the hostile connector, which answers none, does not get it.
  ping();
  world.run_for(50ms);
  HostileConnector hostile(world);
  ASSERT_TRUE(world.run_until([&] { return hostile.is_registered(); }));

  const auto& counters = world.edge->edge.packets().to_client().packets;
  for (const DamageKind& kind : packet_damage(GetParam().v4)) {
    const auto before = counted(counters, kind.reasons);
    const auto in_before = counters.in();
    const auto pings_before = sequence;
    client->replies.clear();
    for (int i = 0; i < kEach; ++i) {
      auto packet = sound(EchoType::reply);
      kind.damage(packet, world.random);
      hostile.send(framed(GetParam().version, packet));
      if (i % 100 != 99) continue;
      ping();
      world.run_for(12ms);
    }
    world.run_for(kind.settles_after);
    const auto pings = sequence - pings_before;
    EXPECT_EQ(client->replies.size(), static_cast<std::size_t>(pings)) << kind.name;
    EXPECT_EQ(counters.in() - in_before, static_cast<std::uint64_t>(kEach + pings)) << kind.name;
    EXPECT_EQ(counted(counters, kind.reasons) - before, static_cast<std::uint64_t>(kEach))
        << kind.name;
  }
  EXPECT_TRUE(client->errors.empty());
}

TEST_P(Damage, TheEdgeCountsDatagramsThatHoldNoPacket) {
  world.start_connector();
  HostileConnector hostile(world);
  ASSERT_TRUE(world.run_until([&] { return hostile.is_registered(); }));
  const auto& counters = world.edge->edge.packets().to_client().packets;
  for (int i = 0; i < kEach; ++i) {
    hostile.send(broken_datagram(GetParam().version, world.random));
    if (i % 100 == 99) world.run_for(12ms);
  }
  world.run_for(100ms);
  EXPECT_EQ(counted(counters, {DropReason::unknown_datagram, DropReason::malformed_datagram}),
            static_cast<std::uint64_t>(kEach));
}

TEST_P(Damage, RepliesThatNobodyAskedForGoNowhere) {
  world.start_connector();
  HostileConnector hostile(world);
  ASSERT_TRUE(world.run_until([&] { return hostile.is_registered(); }));
  for (int i = 0; i < kEach; ++i) {
    hostile.send(framed(GetParam().version, sound(EchoType::reply)));
    if (i % 100 == 99) world.run_for(12ms);
  }
  world.run_for(100ms);
  EXPECT_EQ(world.edge->edge.packets().to_client().packets.dropped(DropReason::no_flow),
            static_cast<std::uint64_t>(kEach));
}

TEST_P(Damage, TheConnectorCountsEachAndPingsGoOn) {
  SCOPED_TRACE("seed " + std::to_string(kSeed));
  world.kill_edge();
  HostileEdge hostile(world);
  auto& node = world.start_connector();
  ASSERT_TRUE(world.run_until([&] { return node.connector->ready_connections() == 4; }));
  world.run_for(1s);
  const auto& counters = node.connector->to_network().packets;
  for (const DamageKind& kind : packet_damage(GetParam().v4)) {
    const auto before = counted(counters, kind.reasons);
    hostile.received.clear();
    int pings = 0;
    for (int i = 0; i < kEach; ++i) {
      auto packet = sound(EchoType::request);
      kind.damage(packet, world.random);
      hostile.send(framed(GetParam().version, packet));
      if (i % 100 != 99) continue;
      hostile.send(framed(GetParam().version, sound(EchoType::request)));
      ++pings;
      world.run_for(12ms);
    }
    world.run_for(kind.settles_after);
    EXPECT_EQ(counted(counters, kind.reasons) - before, static_cast<std::uint64_t>(kEach))
        << kind.name;
    const auto replies =
        std::count_if(hostile.received.begin(), hostile.received.end(), [](const auto& p) {
          return IcmpView::parse(IpView::parse(p).value()).value().kind == IcmpKind::echo_reply;
        });
    EXPECT_EQ(replies, pings) << kind.name;
  }
}

TEST_P(Damage, ClientsPacketsAreCountedEach) {
  test::FakeLink answers;
  world.start_connector();
  ASSERT_TRUE(world.run_until_ready());
  const auto& counters = world.edge->edge.packets().to_network().packets;
  const edge::ClientRef from = world.edge->client(answers, 1);
  for (const DamageKind& kind : packet_damage(GetParam().v4)) {
    const auto before = counted(counters, kind.reasons);
    for (int i = 0; i < kEach; ++i) {
      auto bytes = sound(EchoType::request);
      kind.damage(bytes, world.random);
      world.edge->edge.on_client_packet(world.edge->pool.copy(bytes).value(), from, world.now);
      answers.sent.clear();
    }
    world.run_for(kind.settles_after);
    EXPECT_EQ(counted(counters, kind.reasons) - before, static_cast<std::uint64_t>(kEach))
        << kind.name;
  }
}

}  // namespace
}  // namespace oneping::sim
