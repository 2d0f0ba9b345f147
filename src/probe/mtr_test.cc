#include "probe/mtr.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "probe/testing/simulated_path.h"

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;
using test::address;

std::vector<SimulatedHop> path_v4() {
  return {{.addresses = {"10.99.1.2"}, .round_trips = {1ms, 2ms, 3ms, 4ms}},
          {.addresses = {"10.99.2.2"}, .round_trips = {10ms}},
          {.addresses = {"10.99.3.2"}, .round_trips = {20ms}}};
}

MtrOptions options_v4() {
  return {.host = "db.example",
          .local_host = "device",
          .source = address("10.99.1.1"),
          .destination = address("10.99.3.2"),
          .count = 4,
          .naming = Naming::numeric,
          .output = MtrOutput::report,
          .start_time = "2026-11-22T00:11:24+0000"};
}

template <typename T, typename Change>
T with(T value, Change change) {
  change(value);
  return value;
}

std::string run(const MtrOptions& options, std::vector<SimulatedHop> hops) {
  Simulation simulation(std::move(hops));
  simulation.names.names = {{"10.99.1.2", "edge.example"},
                            {"10.99.3.2", "a-long-name-of-a-database.example"}};
  Mtr mtr(options, simulation.host());
  simulation.run(mtr);
  EXPECT_TRUE(mtr.is_done());
  EXPECT_EQ(mtr.exit_code(), 0);
  return simulation.text.output;
}

TEST(MtrTest, ReportsAsMtrDoes) {
  EXPECT_EQ(run(options_v4(), path_v4()),
            "Start: 2026-11-22T00:11:24+0000\n"
            "HOST: device                      Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
            "  1.|-- 10.99.1.2                  0.0%     4    4.0   2.2   1.0   4.0   1.3\n"
            "  2.|-- 10.99.2.2                  0.0%     4   10.0  10.0  10.0  10.0   0.0\n"
            "  3.|-- 10.99.3.2                  0.0%     4   20.0  20.0  20.0  20.0   0.0\n");
}

TEST(MtrTest, OneHopBehindTheLastThatAnswersIsShown) {
  const auto silent = with(path_v4(), [](auto& hops) { hops[2].silent = true; });
  // 100.0% is wider than its column: mtr cuts it too.
  EXPECT_EQ(run(options_v4(), silent),
            "Start: 2026-11-22T00:11:24+0000\n"
            "HOST: device                      Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
            "  1.|-- 10.99.1.2                  0.0%     4    2.0   2.0   2.0   2.0   0.0\n"
            "  2.|-- 10.99.2.2                  0.0%     4   10.0  10.0  10.0  10.0   0.0\n"
            "  3.|-- ???                       100.0     4    0.0   0.0   0.0   0.0   0.0\n");
}

TEST(MtrTest, AnUnreachableEndsThePath) {
  const auto refused = with(path_v4(), [](auto& hops) { hops[1].refuses = {3, 13}; });
  EXPECT_EQ(run(options_v4(), refused),
            "Start: 2026-11-22T00:11:24+0000\n"
            "HOST: device                      Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
            "  1.|-- 10.99.1.2                  0.0%     4    4.0   2.2   1.0   4.0   1.3\n"
            "  2.|-- 10.99.2.2                  0.0%     4   10.0  10.0  10.0  10.0   0.0\n"
            "  3.|-- 10.99.2.2                  0.0%     4   10.0  10.0  10.0  10.0   0.0\n");
}

TEST(MtrTest, LongNamesAreCutUnlessTheReportIsWide) {
  const auto named = with(options_v4(), [](auto& o) { o.naming = Naming::names; });
  EXPECT_EQ(run(named, path_v4()),
            "Start: 2026-11-22T00:11:24+0000\n"
            "HOST: device                      Loss%   Snt   Last   Avg  Best  Wrst StDev\n"
            "  1.|-- edge.example               0.0%     4    4.0   2.2   1.0   4.0   1.3\n"
            "  2.|-- 10.99.2.2                  0.0%     4   10.0  10.0  10.0  10.0   0.0\n"
            "  3.|-- a-long-name-of-a-database  0.0%     4   20.0  20.0  20.0  20.0   0.0\n");
  EXPECT_EQ(run(with(named,
                     [](auto& o) {
                       o.output = MtrOutput::wide_report;
                       o.show_addresses = true;
                     }),
                path_v4()),
            "Start: 2026-11-22T00:11:24+0000\n"
            "HOST: device                                        Loss%   Snt   Last   Avg  Best "
            " Wrst StDev\n"
            "  1.|-- edge.example (10.99.1.2)                       0.0%     4    4.0   2.2   1.0 "
            "  4.0   1.3\n"
            "  2.|-- 10.99.2.2                                      0.0%     4   10.0  10.0  10.0 "
            " 10.0   0.0\n"
            "  3.|-- a-long-name-of-a-database.example (10.99.3.2)  0.0%     4   20.0  20.0  20.0 "
            " 20.0   0.0\n");
}

TEST(MtrTest, OthersWhoAnswerStandBelow) {
  const auto balanced = with(path_v4(), [](auto& hops) {
    hops[1].addresses = {"10.99.2.2", "10.99.2.3", "10.99.2.4"};
  });
  Simulation simulation(balanced);
  Mtr mtr(options_v4(), simulation.host());
  simulation.run(mtr);
  const auto& hop = mtr.path().hop(2);
  EXPECT_GT(hop.addresses.size(), 1u);
  for (const auto& seen : hop.addresses) {
    if (seen == hop.address) continue;
    EXPECT_NE(simulation.text.output.find("\n        " + seen.to_string() + "   "),
              std::string::npos)
        << simulation.text.output;
  }
}

TEST(MtrTest, FieldsComeInTheOrderAskedFor) {
  const auto fields = parse_mtr_fields("LS NABWV JMXIDRG");
  ASSERT_TRUE(fields);
  EXPECT_EQ(run(with(options_v4(), [&](auto& o) { o.fields = *fields; }), path_v4()),
            "Start: 2026-11-22T00:11:24+0000\n"
            "HOST: device                      Loss%   Snt   Last   Avg  Best  Wrst StDev  Jttr "
            "Javg Jmax Jint Drop   Rcv Gmean\n"
            "  1.|-- 10.99.1.2                  0.0%     4    4.0   2.2   1.0   4.0   1.3   3.0 "
            " 1.0  3.0  3.9    0     4   2.0\n"
            "  2.|-- 10.99.2.2                  0.0%     4   10.0  10.0  10.0  10.0   0.0   0.0 "
            " 0.0  0.0  0.0    0     4  10.0\n"
            "  3.|-- 10.99.3.2                  0.0%     4   20.0  20.0  20.0  20.0   0.0   0.0 "
            " 0.0  0.0  0.0    0     4  20.0\n");
  EXPECT_FALSE(parse_mtr_fields("LZ"));
}

TEST(MtrTest, StatisticsAreThoseOfMtr) {
  HopStatistics hop;
  EXPECT_EQ(hop.loss(), 0);
  for (const Duration time : {72us, 78us, 110us}) {
    hop.count_sent();
    hop.count_answer(time);
  }
  hop.count_sent();
  EXPECT_EQ(hop.loss(), 0) << "on its way is not lost";
  hop.count_sent();
  EXPECT_FALSE(hop.is_up());
  EXPECT_EQ(hop.loss(), 25000);
  EXPECT_EQ(hop.last(), 110);
  EXPECT_EQ(hop.best(), 72);
  EXPECT_EQ(hop.worst(), 110);
  EXPECT_EQ(hop.average(), 86);    // 72, 75, 75 + 35/3 cut off
  EXPECT_EQ(hop.deviation(), 20);  // of 18 + 35 * 24 over 2
  EXPECT_EQ(hop.jitter(), 32);
  EXPECT_EQ(hop.average_jitter(), 12);  // 0, 0 + 6/2, 3 + 29/3 cut off
  EXPECT_EQ(hop.worst_jitter(), 32);
  EXPECT_EQ(hop.interarrival_jitter(), 38);
}

TEST(MtrTest, ARoundTakesTheIntervalOnceThePathIsKnown) {
  Simulation simulation(path_v4());
  Mtr mtr(with(options_v4(),
               [](auto& o) {
                 o.count = std::nullopt;
                 o.output = MtrOutput::screen;
               }),
          simulation.host());
  // mtr first assumes ten hops: the first round takes 0.3 s.
  simulation.run(mtr, simulation.now + 300ms);
  EXPECT_EQ(simulation.path.sent_count(), 3u);
  simulation.go_on(mtr, simulation.now + 10s);
  EXPECT_EQ(simulation.path.sent_count(), 33u);
}

TEST(MtrTest, GivesUpBehindSoManyUnknownHops) {
  const auto dead = with(path_v4(), [](auto& hops) {
    for (auto& hop : hops) hop.silent = true;
  });
  Simulation simulation(dead);
  Mtr mtr(with(options_v4(),
               [](auto& o) {
                 o.count = 1;
                 o.max_unknown = 5;
               }),
          simulation.host());
  simulation.run(mtr);
  EXPECT_EQ(simulation.path.sent_count(), 7u);
}

TEST(MtrTest, KeepsToTheFirstAndTheLastTtl) {
  Simulation simulation(path_v4());
  Mtr mtr(with(options_v4(),
               [](auto& o) {
                 o.first_ttl = 2;
                 o.max_ttl = 2;
               }),
          simulation.host());
  simulation.run(mtr);
  for (const auto& packet : simulation.path.sent()) {
    EXPECT_EQ(IpView::parse(packet).value().hop_limit(), 2);
  }
  EXPECT_EQ(simulation.text.output.find("1.|--"), std::string::npos);
  EXPECT_NE(simulation.text.output.find("2.|--"), std::string::npos);
}

TEST(MtrTest, JsonHasMtrsShape) {
  const auto options = with(options_v4(), [](auto& o) {
    o.output = MtrOutput::json;
    o.count = 2;
    o.packet_size = 100;
    o.traffic_class = 16;
  });
  const std::string text = run(options, with(path_v4(), [](auto& hops) {
                                 hops[0].round_trips = {1234567us};
                                 hops[1].round_trips = {52us};
                                 hops[2].silent = true;
                               }));
  // mtr's own keys come first and as mtr writes them: indented by four, times with five digits.
  EXPECT_TRUE(text.starts_with(R"({
    "report": {
        "mtr": {
            "src": "device",
            "dst": "db.example",
            "tos": 16,
            "tests": 2,
            "psize": "100",
            "bitpattern": "0x00"
        },
        "hubs": [
            {
                "count": 1,
                "host": "10.99.1.2",
                "Loss%": 0.0,
                "Snt": 2,
                "Last": 1234.6,
                "Avg": 1234.6,
                "Best": 1234.6,
                "Wrst": 1234.6,
                "StDev": 0.0,
                "Jttr": 0.0,
)")) << text;
  const auto json = nlohmann::json::parse(text);
  EXPECT_EQ(json["schema"], 1);
  const auto& hubs = json["report"]["hubs"];
  ASSERT_EQ(hubs.size(), 3u);
  EXPECT_EQ(hubs[1]["Last"], 0.052);
  EXPECT_EQ(hubs[2]["host"], "???");
  EXPECT_EQ(hubs[2]["Loss%"], 100.0);
}

TEST(MtrTest, ReportEndsWithThePartsOfTheWayWhenAsked) {
  for (const bool legs : {true, false}) {
    const auto options = with(options_v4(), [legs](auto& o) { o.legs = legs; });
    Simulation simulation(path_v4());
    Mtr mtr(options, simulation.host());
    mtr.on_legs({.device_to_edge = 4ms, .edge_to_connector = 6ms});
    simulation.run(mtr);
    EXPECT_EQ(simulation.text.output.ends_with(
                  "\nlegs device-edge/edge-connector/connector-host = 4.000/6.000/10.000 ms\n"),
              legs)
        << simulation.text.output;
  }
}

TEST(MtrTest, JsonSaysMoreThanMtr) {
  const auto options = with(options_v4(), [](auto& o) {
    o.output = MtrOutput::json;
    o.packet_size = 1450;
    o.roles = {.edge = {address("10.99.1.2")}};
  });
  Simulation simulation(path_v4());
  Mtr mtr(options, simulation.host());
  mtr.on_legs({.device_to_edge = 4ms, .edge_to_connector = 6ms});
  simulation.run(mtr);
  const auto json = nlohmann::json::parse(simulation.text.output);
  const auto& hubs = json["report"]["hubs"];
  EXPECT_EQ(hubs[0]["role"], "edge");
  EXPECT_EQ(hubs[1]["role"], "connector");
  EXPECT_EQ(hubs[2]["role"], "destination");
  EXPECT_EQ(hubs[0]["Jmax"], 3.0);
  EXPECT_EQ(hubs[0]["addresses"], nlohmann::json::array({"10.99.1.2"}));
  EXPECT_EQ(json["legs_ms"]["connector_to_host"], 10.0);
}

TEST(MtrTest, JsonNamesTheMtu) {
  Simulation simulation({{.addresses = {"fd99:1::2"}, .mtu = 1400},
                         {.addresses = {"fd99:2::2"}},
                         {.addresses = {"fd99:3::2"}}});
  Mtr mtr(with(options_v4(),
               [](auto& o) {
                 o.source = address("fd99:1::1");
                 o.destination = address("fd99:3::2");
                 o.packet_size = 1450;
                 o.output = MtrOutput::json;
               }),
          simulation.host());
  simulation.run(mtr);
  const auto json = nlohmann::json::parse(simulation.text.output);
  EXPECT_EQ(json["report"]["hubs"][1]["mtu"], 1400);
  EXPECT_EQ(json["report"]["hubs"][1]["unreachable"], true);
}

TEST(MtrTest, SaysWhyALinkDoesNotSend) {
  Simulation simulation(path_v4());
  simulation.path.refuse(DropReason::link_down);
  Mtr mtr(options_v4(), simulation.host());
  simulation.run(mtr);
  EXPECT_EQ(simulation.text.errors, "mtr: sending probes: Network is down\n");
  EXPECT_EQ(mtr.exit_code(), 1);
}

TEST(MtrTest, AnInterruptReportsWhatIsKnown) {
  Simulation simulation(path_v4());
  Mtr mtr(options_v4(), simulation.host());
  simulation.run(mtr, simulation.now + 1s);
  mtr.interrupt();
  EXPECT_TRUE(mtr.is_done());
  EXPECT_NE(simulation.text.output.find("3.|-- 10.99.3.2"), std::string::npos);
}

}  // namespace
}  // namespace oneping::probe
