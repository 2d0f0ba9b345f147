// Connections, connectors and edges go and come back while a ping runs; links lose and reorder.
#include <gtest/gtest.h>

#include "test/sim/world.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

class Outage : public testing::TestWithParam<const char*> {
 protected:
  explicit Outage() : world({.seed = kSeed}), client(is_v4() ? "100.96.0.1" : "fd00:100:96::1") {}
  void TearDown() override { world.expect_counters_add_up(); }
  static bool is_v4() { return address(GetParam()).is_v4(); }

  // One request every 50 ms; calls back before each.
  template <typename Before>
  void ping_for(Duration duration, Before before) {
    for (const Time end = world.now + duration; world.now < end;) {
      before();
      if (world.edge) world.ping(client, address(GetParam()), {9, ++sequence});
      world.run_for(50ms);
    }
  }
  void ping_for(Duration duration) {
    ping_for(duration, [] {});
  }
  // Time until the next reply, while pinging.
  Duration time_to_reply(Duration limit) {
    const Time start = world.now;
    const auto had = client.replies.size();
    while (client.replies.size() == had && world.now - start < limit) ping_for(50ms);
    return world.now - start;
  }

  static constexpr std::uint64_t kSeed = 42;
  World world;
  Client client;
  std::uint16_t sequence = 0;
};

INSTANTIATE_TEST_SUITE_P(Sim, Outage, testing::Values("172.16.10.120", "fd00:172:16:10::120"),
                         [](const auto& p) { return address(p.param).is_v4() ? "v4" : "v6"; });

TEST_P(Outage, AConnectorKilledAndStartedAgainIsUsedWithinTwoSeconds) {
  world.start_connector();
  ASSERT_TRUE(world.run_until_ready());
  ping_for(500ms);
  for (const Duration down : {0ms, 300ms, 1000ms, 4000ms, 8000ms}) {
    world.kill_connector();
    ping_for(down);
    world.start_connector();
    EXPECT_LT(time_to_reply(10s), 2s) << "down for " << down.count() / 1000000 << " ms";
    ping_for(1s);
  }
}

TEST_P(Outage, AnEdgeKilledAndStartedAgainGetsItsConnectorsBack) {
  world.start_connector();
  ASSERT_TRUE(world.run_until_ready());
  for (const Duration down : {100ms, 3000ms, 20000ms}) {
    world.kill_edge();
    world.run_for(down);
    world.start_edge();
    EXPECT_LT(time_to_reply(20s), 10s) << "down for " << down.count() / 1000000 << " ms";
    ASSERT_TRUE(world.run_until_ready());
  }
}

TEST_P(Outage, AFlowMovesAtOnceWhenItsConnectionIsCutOff) {
  auto& node = world.start_connector();
  ASSERT_TRUE(world.run_until_ready());
  ping_for(1s);
  int moved = 0;
  // One of them carries the flow, and after its move the next.
  for (std::uint8_t i = 0; i < 4; ++i) {
    world.network.cut(node.address_of(i), true);
    const Duration outage = time_to_reply(5s);
    EXPECT_LT(outage, 1s);
    moved += outage > 100ms ? 1 : 0;
    client.replies.clear();
    const auto before = sequence;
    ping_for(2s);
    world.run_for(50ms);
    EXPECT_EQ(client.replies.size(), static_cast<std::size_t>(sequence - before))
        << "no loss after the move";
    world.network.cut(node.address_of(i), false);
    ASSERT_TRUE(world.run_until_ready());
  }
  EXPECT_GE(moved, 1);
}

TEST_P(Outage, DrainingAReplicaLosesNothing) {
  world.start_connector(1);
  ASSERT_TRUE(world.run_until_ready());
  world.start_connector(2);
  ASSERT_TRUE(world.run_until([&] { return world.ready_connections() == 8; }));
  world.run_for(500ms);
  bool draining = false;
  ping_for(3s, [&] {
    if (!draining && sequence == 20) {
      world.connectors[1]->connector->drain(world.now);
      draining = true;
    }
  });
  EXPECT_TRUE(world.connectors[1]->connector->is_drained());
  world.run_for(100ms);
  EXPECT_EQ(client.replies.size(), sequence);
  EXPECT_TRUE(client.errors.empty());
}

TEST_P(Outage, TheOnlyConnectorDrainsAndThenTheEdgeSaysSo) {
  world.start_connector();
  ASSERT_TRUE(world.run_until_ready());
  ping_for(500ms);
  world.connectors[1]->connector->drain(world.now);
  ASSERT_TRUE(world.run_until([&] { return world.connectors[1]->connector->is_drained(); }, 2s));
  world.run_for(50ms);
  client.errors.clear();
  ping_for(50ms);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(is_v4() ? "172.68.101.57" : "fd00:172:68:101::57"));
}

// On a link that loses and reorders, what comes back is right and comes once.
TEST_P(Outage, ALossyReorderingLinkLosesButNeverMixesUp) {
  world.network.conditions = {.delay = 10ms, .jitter = 20ms, .loss = 0.05};
  world.start_connector();
  ASSERT_TRUE(world.run_until_ready()) << "seed " << kSeed;
  ping_for(50s);
  world.run_for(1s);
  std::vector<int> seen(sequence + 1u, 0);
  for (const auto& reply : client.replies) {
    EXPECT_EQ(reply.payload, Client::default_payload());
    ++seen.at(reply.identity.sequence);
  }
  for (const int times : seen) EXPECT_LE(times, 1) << "seed " << kSeed;
  // 0.95² of a round trip and nothing else; six standard deviations below.
  EXPECT_GT(client.replies.size(), sequence * 84 / 100) << "seed " << kSeed;
}

TEST_P(Outage, AWrongTokenIsFatalAndNamed) {
  world.control.tunnel("sim").secrets.front()[0] ^= 1;  // and the edge does not hear of it
  auto& node = world.start_connector();
  ASSERT_TRUE(world.run_until([&] { return node.connector->fatal().has_value(); }));
  EXPECT_NE(node.connector->fatal()->find("token"), std::string::npos);
  EXPECT_EQ(world.edge->edge.registrations_refused(), 1u);
  EXPECT_EQ(world.ready_connections(), 0u);
}

}  // namespace
}  // namespace oneping::sim
