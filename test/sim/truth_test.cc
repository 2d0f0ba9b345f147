// What a client hears of the path behind the connector: every router, every error, as it was said.
#include <gtest/gtest.h>

#include <algorithm>

#include "test/sim/world.h"
#include "wire/icmp_extensions.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

struct Case {
  const char* name;
  tunnel::DatagramVersion datagram;
  const char* client;
  const char* far;
  std::vector<const char*> hops;  // all of them
  std::uint8_t exceeded, unreachable;
  friend void PrintTo(const Case& c, std::ostream* out) { *out << c.name; }
};

const Case kCases[] = {
    {"v4",
     tunnel::DatagramVersion::v3,
     "100.96.0.1",
     "10.20.30.40",
     {"172.68.101.57", "172.16.10.100", "172.16.10.1", "10.20.1.2"},
     11,
     3},
    {"v6",
     tunnel::DatagramVersion::v2,
     "fd00:100:96::1",
     "fd00:10:20:30::40",
     {"fd00:172:68:101::57", "fd00:172:16:10::100", "fd00:172:16:10::1", "fd00:10:20:1::2"},
     3,
     1},
};

class Truth : public testing::TestWithParam<Case> {
 protected:
  Truth() : world({.seed = 11, .datagram = GetParam().datagram}), client(GetParam().client) {}
  void SetUp() override {
    world.start_connector();
    ASSERT_TRUE(world.run_until_ready());
    world.run_for(1s);  // path MTU discovery
  }
  void TearDown() override { world.expect_counters_add_up(); }
  Host& far() { return world.connectors[1]->network.hosts[address(GetParam().far)]; }
  void ping(std::uint16_t sequence, std::uint8_t hop_limit = 64, std::size_t size = 56) {
    world.ping(client, address(GetParam().far), {77, sequence}, hop_limit,
               std::vector<std::uint8_t>(size, 0xa5));
    world.run_for(100ms);
  }
  World world;
  Client client;
};

INSTANTIATE_TEST_SUITE_P(Sim, Truth, testing::ValuesIn(kCases),
                         [](const auto& p) { return p.param.name; });

TEST_P(Truth, TracerouteShowsEveryRouterOnceAndInOrder) {
  for (std::uint8_t ttl = 1; ttl <= 5; ++ttl) ping(ttl, ttl);
  ASSERT_EQ(client.errors.size(), GetParam().hops.size());
  for (std::size_t i = 0; i < client.errors.size(); ++i) {
    EXPECT_EQ(client.errors[i].source, address(GetParam().hops[i]));
    EXPECT_EQ(client.errors[i].type, GetParam().exceeded);
    EXPECT_EQ(client.errors[i].identity.sequence, i + 1);
  }
  // The routers send with 64; their hops and ours are taken off.
  EXPECT_EQ(client.errors[2].hop_limit, 62);
  EXPECT_EQ(client.errors[3].hop_limit, 61);
  ASSERT_EQ(client.replies.size(), 1u);
  EXPECT_EQ(client.replies[0].source, address(GetParam().far));
}

TEST_P(Truth, EveryRefusalComesFromTheRouterThatRefused) {
  const std::uint8_t codes = GetParam().unreachable == 3 ? 16 : 7;
  for (std::uint8_t code = 0; code < codes; ++code) {
    far().refused = Host::Refusal{GetParam().unreachable, code};
    ping(code);
    ASSERT_EQ(client.errors.size(), code + 1u);
    EXPECT_EQ(client.errors.back().source, address(GetParam().hops.back()));
    EXPECT_EQ(client.errors.back().type, GetParam().unreachable);
    EXPECT_EQ(client.errors.back().code, code);
  }
}

// More than routers would answer: the connector spaces them out, and refuses what is too much.
TEST_P(Truth, ProbesToOneRouterComeAtAPaceAndTheRestIsRefusedByTheConnector) {
  const IpAddress connector = address(GetParam().hops[1]);
  const IpAddress router = address(GetParam().hops[2]);
  constexpr std::uint16_t kProbes = 100;
  const ProbePacer::Options limits;
  for (std::uint16_t i = 0; i < kProbes; ++i) {
    world.ping(client, address(GetParam().far), {77, i}, 3, {});
  }
  const auto count = [&](const IpAddress& source) {
    return static_cast<std::size_t>(std::ranges::count(client.errors, source, &Received::source));
  };
  world.run_for(100ms);
  EXPECT_GE(count(router), limits.burst);
  EXPECT_LE(count(router), limits.burst + limits.per_second / 10);
  EXPECT_EQ(count(connector), kProbes - limits.burst - limits.per_client);
  for (const Received& error : client.errors) {
    if (error.source != connector) continue;
    EXPECT_EQ(error.type, GetParam().unreachable);
    EXPECT_EQ(error.code, client.address.is_v4() ? 13 : 1);
  }
  world.run_for(1s);
  EXPECT_EQ(count(router), limits.burst + limits.per_client);
  EXPECT_EQ(client.errors.size(), kProbes) << "each has its answer";
}

TEST_P(Truth, ANarrowLinkIsToldWithItsMtuAndASmallerPacketPasses) {
  far().mtu = 1200;
  const std::size_t headers = client.address.is_v4() ? 28 : 48;
  ping(1, 64, 1201 - headers);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(GetParam().hops.back()));
  EXPECT_EQ(client.errors[0].type, client.address.is_v4() ? 3 : 2);
  EXPECT_EQ(client.errors[0].code, client.address.is_v4() ? 4 : 0);
  ping(2, 64, 1200 - headers);
  EXPECT_EQ(client.replies.size(), 1u);
}

TEST_P(Truth, ExtensionsArriveWhole) {
  const std::vector<std::uint8_t> mpls = {0x20, 0x00, 0x5d, 0xb7, 0x00, 0x08,
                                          0x01, 0x01, 0x00, 0x3e, 0x81, 0x01};
  world.connectors[1]->network.extensions = mpls;
  ping(1, 3);
  ASSERT_EQ(client.errors.size(), 1u);
  const auto [quote, extensions] = split_quote(client.errors[0].payload, 128);
  EXPECT_EQ(std::vector(extensions.begin(), extensions.end()), mpls);
}

TEST_P(Truth, WhatTheConnectorsHostCannotSendItSaysItself) {
  struct Failure {
    DropReason reason;
    std::optional<Host::Refusal> told;
  };
  const bool v4 = client.address.is_v4();
  const Failure failures[] = {
      {DropReason::no_route, v4 ? Host::Refusal{3, 0} : Host::Refusal{1, 0}},
      {DropReason::host_unreachable, v4 ? Host::Refusal{3, 1} : Host::Refusal{1, 3}},
      {DropReason::too_big, v4 ? Host::Refusal{3, 4} : Host::Refusal{2, 0}},
      {DropReason::destination_refused, v4 ? Host::Refusal{3, 13} : Host::Refusal{1, 1}},
      {DropReason::queue_full, std::nullopt},
      {DropReason::send_failed, std::nullopt}};
  std::uint16_t sequence = 0;
  for (const auto& [reason, told] : failures) {
    SCOPED_TRACE(to_string(reason));
    client.errors.clear();
    far().failure = reason;
    ping(++sequence);
    ASSERT_EQ(client.errors.size(), told ? 1u : 0u);
    if (!told) continue;
    EXPECT_EQ(client.errors[0].source, address(GetParam().hops[1]));
    EXPECT_EQ(client.errors[0].type, told->type);
    EXPECT_EQ(client.errors[0].code, told->code);
  }
  EXPECT_EQ(world.connectors[1]->connector->echo().outstanding(), 0u);
}

// As the post has it: edge, connector, destination.
TEST_P(Truth, ATunnelCanHideThePathBehindItsConnectorsAndShowItAgain) {
  using Seen = std::pair<std::size_t, std::size_t>;  // errors, replies
  const auto trace = [this] {
    client.errors.clear();
    client.replies.clear();
    for (std::uint8_t ttl = 1; ttl <= 5; ++ttl) ping(ttl, ttl);
    return Seen(client.errors.size(), client.replies.size());
  };
  const auto set_path = [this](tunnel::PathMode path) {
    world.control.tunnel("sim").path = path;
    world.control.remake_routing();
    world.apply();
    world.run_for(100ms);
  };
  EXPECT_EQ(trace(), Seen(4, 1));
  set_path(tunnel::PathMode::single_hop);
  EXPECT_EQ(trace(), Seen(2, 3));
  EXPECT_EQ(client.errors[1].source, address(GetParam().hops[1]));
  EXPECT_EQ(client.replies[0].identity.sequence, 3) << "the third hop is the destination";
  far().refused = Host::Refusal{GetParam().unreachable, 0};
  EXPECT_EQ(trace(), Seen(2, 0)) << "what routers say stays behind the connector";
  far().refused.reset();
  set_path(tunnel::PathMode::full);
  EXPECT_EQ(trace(), Seen(4, 1));

  // A connector that comes later, and one whose edge comes anew, hear it too.
  set_path(tunnel::PathMode::single_hop);
  world.kill_edge();
  world.run_for(1s);
  world.start_edge();
  ASSERT_TRUE(world.run_until_ready());
  world.run_for(1s);
  EXPECT_EQ(trace(), Seen(2, 3));
}

TEST_P(Truth, AnErrorThatComesAfterItsConnectionIsGoneTakesAnother) {
  far().rtt = 20s;  // the error comes after 10
  ping(1, 3);
  world.kill_edge();
  world.run_for(1s);
  world.start_edge();
  ASSERT_TRUE(world.run_until_ready());
  world.run_for(12s);
  // The new edge knows nothing of the flow: it lets nothing in that nobody asked it for.
  EXPECT_TRUE(client.errors.empty());
  EXPECT_EQ(world.connectors[1]->connector->echo().error_counters().forwarded(), 1u);
  EXPECT_EQ(world.edge->edge.packets().to_client().packets.dropped(DropReason::no_flow), 1u);
}

}  // namespace
}  // namespace oneping::sim
