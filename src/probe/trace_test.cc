#include "probe/trace.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/testing/simulated_path.h"

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;
using test::address;

std::vector<SimulatedHop> path_v4() {
  return {{.addresses = {"10.99.1.2"}, .round_trips = {210us, 182us, 187us}},
          {.addresses = {"10.99.2.2"}, .round_trips = {1192us}},
          {.addresses = {"10.99.3.2"}, .round_trips = {20782us}}};
}

std::vector<SimulatedHop> path_v6() {
  return {{.addresses = {"fd99:1::2"}, .round_trips = {50us}},
          {.addresses = {"fd99:2::2"}, .round_trips = {60us}},
          {.addresses = {"fd99:3::2"}, .round_trips = {70us}}};
}

TraceOptions options_v4() {
  return {.host = "10.99.3.2",
          .source = address("10.99.1.1"),
          .destination = address("10.99.3.2"),
          .naming = Naming::numeric};
}

TraceOptions options_v6() {
  return {.host = "fd99:3::2",
          .source = address("fd99:1::1"),
          .destination = address("fd99:3::2"),
          .naming = Naming::numeric};
}

template <typename T, typename Change>
T with(T value, Change change) {
  change(value);
  return value;
}

struct Golden {
  const char* name;
  TraceOptions options;
  std::vector<SimulatedHop> hops;
  std::string output;
  std::size_t link_mtu = 1500;
};

// Texts of traceroute 2.1.2 -I in namespaces of the same shape, with other times.
std::vector<Golden> goldens() {
  std::vector<Golden> all;
  all.push_back({"Path", options_v4(), path_v4(),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 60 byte packets\n"
                 " 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"
                 " 2  10.99.2.2  1.192 ms  1.192 ms  1.192 ms\n"
                 " 3  10.99.3.2  20.782 ms  20.782 ms  20.782 ms\n"});
  all.push_back({"PathV6", options_v6(), path_v6(),
                 "traceroute to fd99:3::2 (fd99:3::2), 30 hops max, 80 byte packets\n"
                 " 1  fd99:1::2  0.050 ms  0.050 ms  0.050 ms\n"
                 " 2  fd99:2::2  0.060 ms  0.060 ms  0.060 ms\n"
                 " 3  fd99:3::2  0.070 ms  0.070 ms  0.070 ms\n"});
  all.push_back({"SilentHop", options_v4(),
                 with(path_v4(), [](auto& hops) { hops[1].silent = true; }),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 60 byte packets\n"
                 " 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"
                 " 2  * * *\n"
                 " 3  10.99.3.2  20.782 ms  20.782 ms  20.782 ms\n"});
  all.push_back({"SilentDestination",
                 with(options_v4(),
                      [](auto& o) {
                        o.max_hops = 4;
                        o.wait = {500ms, 0, 0};
                      }),
                 with(path_v4(), [](auto& hops) { hops[2].silent = true; }),
                 "traceroute to 10.99.3.2 (10.99.3.2), 4 hops max, 60 byte packets\n"
                 " 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"
                 " 2  10.99.2.2  1.192 ms  1.192 ms  1.192 ms\n"
                 " 3  * * *\n"
                 " 4  * * *\n"});
  all.push_back({"Prohibited", options_v4(),
                 with(path_v4(),
                      [](auto& hops) {
                        hops[1].refuses = {3, 13};
                      }),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 60 byte packets\n"
                 " 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"
                 " 2  10.99.2.2  1.192 ms  1.192 ms  1.192 ms\n"
                 " 3  10.99.2.2  1.192 ms !X  1.192 ms !X  1.192 ms !X\n"});
  all.push_back({"NoRouteV6", options_v6(),
                 with(path_v6(),
                      [](auto& hops) {
                        hops[1].refuses = {1, 0};
                      }),
                 "traceroute to fd99:3::2 (fd99:3::2), 30 hops max, 80 byte packets\n"
                 " 1  fd99:1::2  0.050 ms  0.050 ms  0.050 ms\n"
                 " 2  fd99:2::2  0.060 ms  0.060 ms  0.060 ms\n"
                 " 3  fd99:2::2  0.060 ms !N  0.060 ms !N  0.060 ms !N\n"});
  all.push_back({"UnreachableDestination", options_v4(),
                 with(path_v4(),
                      [](auto& hops) {
                        hops[2].refuses = {3, 2};
                      }),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 60 byte packets\n"
                 " 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"
                 " 2  10.99.2.2  1.192 ms  1.192 ms  1.192 ms\n"
                 " 3  10.99.3.2  20.782 ms !P  20.782 ms !P  20.782 ms !P\n"});
  all.push_back({"PathMtu",
                 with(options_v4(),
                      [](auto& o) {
                        o.dont_fragment = true;
                        o.packet_size = 1450;
                      }),
                 with(path_v4(), [](auto& hops) { hops[0].mtu = 1400; }),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 1450 byte packets\n"
                 " 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"
                 " 2  10.99.1.2  0.182 ms !F-1400  0.187 ms !F-1400  0.210 ms !F-1400\n"});
  all.push_back({"LoadBalancedHop", options_v4(),
                 with(path_v4(),
                      [](auto& hops) {
                        hops[1].addresses = {"10.99.2.2", "10.99.2.3"};
                      }),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 60 byte packets\n"
                 " 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"
                 " 2  10.99.2.2  1.192 ms 10.99.2.3  1.192 ms 10.99.2.2  1.192 ms\n"
                 " 3  10.99.3.2  20.782 ms  20.782 ms  20.782 ms\n"});
  all.push_back({"RateLimitedHop", options_v4(),
                 with(path_v4(), [](auto& hops) { hops[0].error_gap = 1s; }),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 60 byte packets\n"
                 " 1  10.99.1.2  0.182 ms * *\n"
                 " 2  10.99.2.2  1.192 ms  1.192 ms  1.192 ms\n"
                 " 3  10.99.3.2  20.782 ms  20.782 ms  20.782 ms\n"});
  all.push_back({"FirstHopAndQueries",
                 with(options_v4(),
                      [](auto& o) {
                        o.first_hop = 2;
                        o.queries = 2;
                      }),
                 path_v4(),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 60 byte packets\n"
                 " 2  10.99.2.2  1.192 ms  1.192 ms\n"
                 " 3  10.99.3.2  20.782 ms  20.782 ms\n"});
  all.push_back({"LinkTooSmall", with(options_v4(), [](auto& o) { o.packet_size = 1600; }),
                 path_v4(),
                 "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 1600 byte packets\n"
                 " 1  *  0.000 ms !F-1500 *  0.000 ms !F-1500 *  0.000 ms !F-1500\n"});
  return all;
}

class TraceGolden : public testing::TestWithParam<Golden> {};

INSTANTIATE_TEST_SUITE_P(Texts, TraceGolden, testing::ValuesIn(goldens()),
                         [](const auto& p) { return p.param.name; });

TEST_P(TraceGolden, PrintsAsTracerouteDoes) {
  Simulation simulation(GetParam().hops);
  simulation.path.set_max_packet_size(GetParam().link_mtu);
  Trace trace(GetParam().options, simulation.host());
  simulation.run(trace);
  ASSERT_TRUE(trace.is_done());
  EXPECT_EQ(simulation.text.output, GetParam().output);
  EXPECT_EQ(simulation.text.errors, "");
  EXPECT_EQ(trace.exit_code(), 0);
}

TEST(TraceTest, NamesStandBeforeAddresses) {
  Simulation simulation(path_v4());
  simulation.names.names = {{"10.99.1.2", "edge.example"}, {"10.99.3.2", "db.example"}};
  Trace trace(with(options_v4(),
                   [](auto& o) {
                     o.host = "db.example";
                     o.queries = 1;
                     o.naming = Naming::names;
                   }),
              simulation.host());
  simulation.run(trace);
  EXPECT_EQ(simulation.text.output,
            "traceroute to db.example (10.99.3.2), 30 hops max, 60 byte packets\n"
            " 1  edge.example (10.99.1.2)  0.182 ms\n"
            " 2  10.99.2.2 (10.99.2.2)  1.192 ms\n"
            " 3  db.example (10.99.3.2)  20.782 ms\n");
}

TEST(TraceTest, HopsArePrintedAsTheyBecomeComplete) {
  Simulation simulation(with(path_v4(), [](auto& hops) { hops[1].round_trips = {800ms}; }));
  Trace trace(with(options_v4(), [](auto& o) { o.queries = 1; }), simulation.host());
  simulation.run(trace, simulation.now + 100ms);
  EXPECT_TRUE(simulation.text.output.ends_with("\n 1  10.99.1.2  0.182 ms"));
  simulation.go_on(trace);
  // By then the destination has answered, and ten times its time are enough for a hop before it.
  EXPECT_TRUE(simulation.text.output.ends_with("\n 2  *\n 3  10.99.3.2  20.782 ms\n"))
      << simulation.text.output;
}

TEST(TraceTest, ALateAnswerIsCountedAndNotPrinted) {
  Simulation simulation(with(path_v4(), [](auto& hops) { hops[1].round_trips = {250ms}; }));
  Trace trace(with(options_v4(),
                   [](auto& o) {
                     o.queries = 1;
                     o.max_hops = 2;
                     o.wait = {200ms, 0, 0};
                   }),
              simulation.host());
  simulation.run(trace, simulation.now + 200ms);
  EXPECT_TRUE(trace.is_done());
  EXPECT_EQ(trace.probes().given_up, 1u);
  EXPECT_EQ(trace.probes().sent, trace.probes().answered + trace.probes().given_up);
}

TEST(TraceTest, SendsNoMoreAtOnceThanAskedFor) {
  Simulation simulation(
      with(path_v4(), [](auto& hops) { hops[0].silent = hops[1].silent = true; }));
  Trace trace(with(options_v4(), [](auto& o) { o.sim_queries = 4; }), simulation.host());
  simulation.run(trace, simulation.now + 1ms);
  EXPECT_EQ(simulation.path.sent_count(), 4u);
}

TEST(TraceTest, LeavesTheTimeBetweenProbesThatWasAskedFor) {
  Simulation simulation(path_v4());
  Trace trace(with(options_v4(),
                   [](auto& o) {
                     o.queries = 1;
                     o.send_wait = 50ms;
                   }),
              simulation.host());
  simulation.run(trace, simulation.now + 49ms);
  EXPECT_EQ(simulation.path.sent_count(), 1u);
  simulation.go_on(trace, simulation.now + 1ms);
  EXPECT_EQ(simulation.path.sent_count(), 2u);
  simulation.go_on(trace);
  EXPECT_TRUE(trace.is_done());
}

// A router that limits its errors answers only some of the 16 probes that leave together, and only
// later ones of those beyond it: the text must not pretend that it is some hops further away.
TEST(TraceTest, AnUnreachableThatIsLimitedStandsBehindItsRouter) {
  Simulation simulation(with(path_v4(), [](auto& hops) {
    hops[1].refuses = {3, 1};
    hops[1].error_gap = 1ns;
  }));
  Trace trace(with(options_v4(), [](auto& o) { o.wait = {1s, 0, 0}; }), simulation.host());
  simulation.run(trace);
  EXPECT_EQ(simulation.text.output,
            "traceroute to 10.99.3.2 (10.99.3.2), 30 hops max, 60 byte packets\n"
            " 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"
            " 2  10.99.2.2  1.192 ms * *\n"
            " 3  10.99.2.2  1.192 ms !H  1.192 ms !H  1.192 ms !H\n");
}

TEST(TraceTest, AFullQueueIsTriedAgain) {
  Simulation simulation(path_v4());
  simulation.path.refuse(DropReason::queue_full);
  Trace trace(with(options_v4(), [](auto& o) { o.queries = 1; }), simulation.host());
  simulation.run(trace, simulation.now + 25ms);
  EXPECT_FALSE(trace.is_done());
  simulation.path.refuse(std::nullopt);
  simulation.go_on(trace);
  EXPECT_TRUE(simulation.text.output.ends_with(" 3  10.99.3.2  20.782 ms\n"));
}

TEST(TraceTest, SaysWhyALinkDoesNotSend) {
  Simulation simulation(path_v4());
  simulation.path.refuse(DropReason::link_down);
  Trace trace(options_v4(), simulation.host());
  simulation.run(trace);
  EXPECT_TRUE(trace.is_done());
  EXPECT_EQ(simulation.text.errors, "\nsend: Network is down\n");
  EXPECT_EQ(trace.exit_code(), 1);
}

TEST(TraceTest, AnInterruptEndsItAtOnce) {
  Simulation simulation(
      with(path_v4(), [](auto& hops) { hops[1].silent = hops[2].silent = true; }));
  Trace trace(options_v4(), simulation.host());
  simulation.run(trace, simulation.now + 1s);
  trace.interrupt();
  EXPECT_TRUE(trace.is_done());
  EXPECT_TRUE(simulation.text.output.ends_with(" 1  10.99.1.2  0.182 ms  0.187 ms  0.210 ms\n"));
}

TEST(TraceTest, TheProbesAreThoseOfTraceroute) {
  Simulation simulation(path_v4());
  Trace trace(with(options_v4(),
                   [](auto& o) {
                     o.queries = 1;
                     o.traffic_class = 0x20;
                   }),
              simulation.host());
  simulation.run(trace);
  const auto ip = IpView::parse(simulation.path.sent().at(1)).value();
  const auto icmp = IcmpView::parse(ip).value();
  EXPECT_EQ(ip.hop_limit(), 2);
  EXPECT_EQ(ip.traffic_class(), 0x20);
  EXPECT_FALSE(ip.dont_fragment());
  EXPECT_EQ(icmp.sequence, 2);
  ASSERT_EQ(icmp.payload.size(), 32u);
  EXPECT_EQ(icmp.payload[0], 'H');
}

TEST(TraceTest, EndsWithThePartsOfTheWayWhenAsked) {
  for (const bool legs : {true, false}) {
    Simulation simulation(path_v4());
    Trace trace(with(options_v4(), [legs](auto& o) { o.legs = legs; }), simulation.host());
    trace.on_legs({.device_to_edge = 182us, .edge_to_connector = 600us});
    simulation.run(trace);
    EXPECT_EQ(simulation.text.output.ends_with(
                  "\nlegs device-edge/edge-connector/connector-host = 0.182/0.600/20.000 ms\n"),
              legs)
        << simulation.text.output;
  }
}

// Each leaves by itself: what a probe's time says is its own.
TEST(TraceTest, OneProbeLeavesInATurn) {
  Simulation simulation(path_v4());
  Trace trace(options_v4(), simulation.host());
  trace.start(simulation.now);
  EXPECT_EQ(trace.probes().sent, 1u);
  EXPECT_EQ(trace.next_time(), simulation.now);
  trace.on_time(simulation.now);
  EXPECT_EQ(trace.probes().sent, 2u);
}

TEST(TraceTest, JsonHasHopsWithRolesAndProbes) {
  Simulation simulation(with(path_v4(), [](auto& hops) { hops[1].silent = true; }));
  simulation.names.names = {{"10.99.3.2", "db.example"}};
  Trace trace(with(options_v4(),
                   [](auto& o) {
                     o.output = TraceOutput::json;
                     o.naming = Naming::names;
                     o.roles = {.edge = {address("10.99.1.2")}};
                   }),
              simulation.host());
  trace.on_legs({.device_to_edge = 182us, .edge_to_connector = 600us});
  simulation.run(trace);
  const auto json = nlohmann::json::parse(simulation.text.output);
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["reached"], true);
  EXPECT_EQ(json["packet_size"], 60);
  ASSERT_EQ(json["hops"].size(), 3u);
  EXPECT_EQ(json["hops"][0]["hop"], 1);
  EXPECT_EQ(json["hops"][0]["role"], "edge");
  EXPECT_EQ(json["hops"][0]["probes"][2]["rtt_ms"], 0.21);
  EXPECT_FALSE(json["hops"][1].contains("role"));
  EXPECT_TRUE(json["hops"][1]["probes"][0].empty());
  EXPECT_EQ(json["hops"][2]["role"], "destination");
  EXPECT_EQ(json["hops"][2]["probes"][0]["role"], "destination");
  EXPECT_EQ(json["hops"][2]["probes"][0]["name"], "db.example");
  EXPECT_EQ(json["hops"][2]["probes"][0]["ttl"], 62);
  EXPECT_EQ(json["legs_ms"]["connector_to_host"], 20.0);
}

TEST(TraceTest, JsonNamesTheMtu) {
  Simulation simulation(with(path_v4(), [](auto& hops) { hops[0].mtu = 1400; }));
  Trace trace(with(options_v4(),
                   [](auto& o) {
                     o.output = TraceOutput::json;
                     o.dont_fragment = true;
                     o.packet_size = 1450;
                   }),
              simulation.host());
  simulation.run(trace);
  const auto json = nlohmann::json::parse(simulation.text.output);
  EXPECT_EQ(json["reached"], false);
  EXPECT_EQ(json["hops"][1]["probes"][0]["error"], "!F-1400");
  EXPECT_EQ(json["hops"][1]["probes"][0]["mtu"], 1400);
}

}  // namespace
}  // namespace oneping::probe
