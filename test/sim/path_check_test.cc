// Paths measured from the edge: what a check reports of a world whose path is known.
#include <gtest/gtest.h>

#include "test/sim/device.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

class PathCheckTest : public testing::TestWithParam<const char*> {
 protected:
  PathCheckTest() : world({.seed = 13}), origin(address(GetParam())) {}
  void TearDown() override { world.expect_counters_add_up(); }
  void start_connector() {
    world.start_connector();
    ASSERT_TRUE(world.run_until_ready());
    world.run_for(1s);
  }
  [[nodiscard]] Host& host() { return world.connectors[1]->network.hosts[origin]; }
  // The report once it is complete.
  edge::PathReport check(edge::PathQuestion question) {
    question.interval = 200ms;
    question.rounds = 3;
    auto& checks = world.edge->edge.path_checks();
    const auto ref = checks.start(question, world.now);
    EXPECT_TRUE(ref) << ref.error().message;
    if (!ref) return {};
    edge::PathReport report;
    EXPECT_TRUE(world.run_until(
        [&] {
          const auto now = checks.report(*ref, world.now);
          if (now) report = *now;
          return report.is_complete;
        },
        20s));
    checks.stop(*ref);
    return report;
  }

  World world;
  const IpAddress origin;
};

INSTANTIATE_TEST_SUITE_P(Sim, PathCheckTest,
                         testing::Values("172.16.10.120", "fd00:172:16:10::120"),
                         [](const auto& p) { return p.param[0] == '1' ? "v4" : "v6"; });

TEST_P(PathCheckTest, EdgeConnectorOriginWithTheirTimes) {
  start_connector();
  const edge::PathReport report = check({.to = origin});
  EXPECT_TRUE(report.is_reached);
  ASSERT_EQ(report.hops.size(), 3u);
  using enum edge::HopRole;
  EXPECT_EQ(report.hops[0].role, edge);
  EXPECT_EQ(report.hops[1].role, connector);
  EXPECT_EQ(report.hops[2].role, destination);
  for (const edge::HopReport& hop : report.hops) {
    EXPECT_EQ(hop.sent, 3u);
    EXPECT_EQ(hop.lost, 0u);
    EXPECT_FALSE(hop.error);
    ASSERT_TRUE(hop.average);
  }
  EXPECT_LT(*report.hops[0].average, 1ms);
  EXPECT_GE(*report.hops[1].average, 10ms);
  EXPECT_GE(*report.hops[2].average, 12ms);
  ASSERT_TRUE(report.mtu);
  EXPECT_FALSE(report.mtu->vanished);
  EXPECT_GE(report.mtu->largest, 1280u);
  ASSERT_TRUE(report.edge_to_connector);
  EXPECT_GE(*report.edge_to_connector, 10ms);
}

TEST_P(PathCheckTest, AnOriginThatIsDownIsTheLastHopWithoutAName) {
  start_connector();
  host().up = false;
  const edge::PathReport report = check({.to = origin});
  EXPECT_FALSE(report.is_reached);
  ASSERT_EQ(report.hops.size(), 3u) << "one behind the last that answers";
  EXPECT_FALSE(report.hops[2].address);
  EXPECT_EQ(report.hops[2].lost, 3u);
  EXPECT_FALSE(report.mtu);
}

TEST_P(PathCheckTest, WithoutAConnectorTheEdgeSaysSo) {
  const edge::PathReport report = check({.to = origin});
  ASSERT_FALSE(report.hops.empty());
  const edge::HopReport& last = report.hops.back();
  EXPECT_EQ(last.role, edge::HopRole::edge);
  ASSERT_TRUE(last.error);
  EXPECT_EQ(last.error->code, origin.is_v4() ? 1 : 3) << "host unreachable";
}

TEST_P(PathCheckTest, OnADevicesBehalfItIsJudgedAsTheDevice) {
  start_connector();
  Device laptop(world, 10);
  world.control.devices.push_back(laptop.identity(2, "laptop"));
  world.control.rules = {{.name = "no",
                          .who = {{SubjectKind::device, "laptop"}},
                          .to = {},
                          .network = {},
                          .protocol = {},
                          .ports = {},
                          .verdict = Verdict::deny}};
  world.control.remake_identities();
  world.control.remake_policies();
  world.apply();
  const edge::PathReport refused = check({.to = origin, .device = 2});
  EXPECT_FALSE(refused.is_reached);
  ASSERT_TRUE(refused.hops.back().error);
  EXPECT_EQ(refused.hops.back().error->code, origin.is_v4() ? 13 : 1);
  EXPECT_TRUE(check({.to = origin}).is_reached) << "nobody in particular is not concerned";
  EXPECT_FALSE(world.edge->edge.path_checks().start({.to = origin, .device = 4711}, world.now));
}

TEST_P(PathCheckTest, APortIsTriedByTheConnector) {
  start_connector();
  const auto outcome = [&](std::uint16_t port) {
    const auto report = check({.to = origin, .port = edge::PortQuestion{.number = port}});
    EXPECT_TRUE(report.port && report.port->number == port);
    return report.port ? report.port->outcome : edge::PortReport::Outcome::unknown;
  };
  using enum edge::PortReport::Outcome;
  EXPECT_EQ(outcome(443), open);
  EXPECT_EQ(outcome(444), refused);
  world.connectors[1]->tcp_network.hides = true;
  EXPECT_EQ(outcome(443), silent);
  world.kill_connector();
  world.run_for(40s);
  EXPECT_EQ(outcome(443), unknown);
}

TEST_P(PathCheckTest, AConnectorThatGoesWhileItTriesIsNotTheHostsSilence) {
  start_connector();
  world.connectors[1]->tcp_network.hides = true;
  auto& checks = world.edge->edge.path_checks();
  const auto ref =
      checks.start({.to = origin, .port = edge::PortQuestion{.number = 443}}, world.now);
  ASSERT_TRUE(ref);
  world.run_for(500ms);
  world.edge->edge.shut_down();
  world.run_for(500ms);
  const auto report = checks.report(*ref, world.now);
  ASSERT_TRUE(report && report->port);
  EXPECT_EQ(report->port->outcome, edge::PortReport::Outcome::unknown);
}

TEST_P(PathCheckTest, AConnectorTriesNoPortWhereItSendsNoPacket) {
  start_connector();
  const IpAddress special = address(origin.is_v4() ? "127.0.0.1" : "::1");
  world.control.add_route(origin.is_v4() ? "127.0.0.0/8" : "::1/128", "sim");
  world.control.remake_routing();
  world.apply();
  const auto report = check({.to = special, .port = edge::PortQuestion{.number = 443}});
  ASSERT_TRUE(report.port);
  EXPECT_EQ(report.port->outcome, edge::PortReport::Outcome::unknown);
  EXPECT_TRUE(world.connectors[1]->tcp_network.asked.empty());
}

TEST_P(PathCheckTest, AUdpPortIsTriedOnThePathItself) {
  start_connector();
  const auto outcome = [&](std::uint16_t port) {
    const auto report =
        check({.to = origin, .port = edge::PortQuestion{edge::Transport::udp, port}});
    EXPECT_TRUE(report.port);
    return report.port ? report.port->outcome : edge::PortReport::Outcome::unknown;
  };
  using enum edge::PortReport::Outcome;
  EXPECT_EQ(outcome(53), open);
  EXPECT_EQ(outcome(54), refused);
  host().up = false;
  EXPECT_EQ(outcome(53), silent);
}

TEST_P(PathCheckTest, AHostThatHidesFromPingsShowsItselfByAPort) {
  start_connector();
  host().answers_pings = false;
  const auto report = check({.to = origin});
  EXPECT_FALSE(report.is_reached);
  ASSERT_TRUE(report.life);
  EXPECT_EQ(report.life->number, 443);
  EXPECT_EQ(report.life->outcome, edge::PortReport::Outcome::open);
  host().up = false;
  EXPECT_FALSE(check({.to = origin}).life);
}

TEST_P(PathCheckTest, ChecksAreBoundedAndForgotten) {
  start_connector();
  auto& checks = world.edge->edge.path_checks();
  std::optional<edge::PathCheckRef> first;
  for (std::size_t i = 0; i < edge::PathChecks::kMaxChecks; ++i) {
    const auto ref = checks.start({.to = origin}, world.now);
    ASSERT_TRUE(ref);
    if (!first) first = *ref;
  }
  EXPECT_FALSE(checks.start({.to = origin}, world.now));
  world.run_for(10s);
  EXPECT_TRUE(checks.report(*first, world.now));
  world.run_for(10s);
  EXPECT_TRUE(checks.report(*first, world.now)) << "somebody reads it";
  EXPECT_TRUE(checks.start({.to = origin}, world.now)) << "nobody reads the others";
  checks.stop(*first);
  EXPECT_FALSE(checks.report(*first, world.now));
  world.run_for(100ms);
}

}  // namespace
}  // namespace oneping::sim
