#include "probe/ping.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <set>

#include "probe/ping_text.h"
#include "probe/testing/simulated_path.h"

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;
using test::address;

// Two routers and a host: what `ping` meets behind a device, an edge and a connector.
std::vector<SimulatedHop> path_v4() {
  return {{.addresses = {"10.99.1.2"}, .round_trips = {200us}},
          {.addresses = {"10.99.2.2"}, .round_trips = {300us}},
          {.addresses = {"10.99.3.2"}, .round_trips = {569us}}};
}

std::vector<SimulatedHop> path_v6() {
  return {{.addresses = {"fd99:1::2"}, .round_trips = {200us}},
          {.addresses = {"fd99:2::2"}, .round_trips = {300us}},
          {.addresses = {"fd99:3::2"}, .round_trips = {569us}}};
}

PingOptions options_v4() {
  return {.host = "10.99.3.2",
          .source = address("10.99.1.1"),
          .destination = address("10.99.3.2"),
          .count = 1,
          .naming = Naming::numeric};
}

PingOptions options_v6() {
  return {.host = "fd99:3::2",
          .source = address("fd99:1::1"),
          .destination = address("fd99:3::2"),
          .count = 1,
          .naming = Naming::numeric};
}

PingOptions with(PingOptions options, const std::function<void(PingOptions&)>& change) {
  change(options);
  return options;
}

struct Golden {
  const char* name;
  PingOptions options;
  std::vector<SimulatedHop> hops;
  int exit_code;
  std::string output;
  std::string errors = "";
  std::size_t link_mtu = 1500;
};

std::vector<SimulatedHop> changed(std::vector<SimulatedHop> hops, std::size_t hop,
                                  const std::function<void(SimulatedHop&)>& change) {
  change(hops[hop]);
  return hops;
}

// Texts of iputils 20221126 in namespaces of the same shape, with other times.
std::vector<Golden> goldens() {
  std::vector<Golden> all;
  all.push_back({"Reply", options_v4(), path_v4(), 0,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "64 bytes from 10.99.3.2: icmp_seq=1 ttl=62 time=0.569 ms\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
                 "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"});
  all.push_back({"ReplyV6", options_v6(), path_v6(), 0,
                 "PING fd99:3::2(fd99:3::2) 56 data bytes\n"
                 "64 bytes from fd99:3::2: icmp_seq=1 ttl=62 time=0.569 ms\n"
                 "\n"
                 "--- fd99:3::2 ping statistics ---\n"
                 "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
                 "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"});
  all.push_back({"TimeExceeded", with(options_v4(), [](auto& o) { o.hop_limit = 1; }), path_v4(), 1,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "From 10.99.1.2 icmp_seq=1 Time to live exceeded\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
                 "\n"});
  all.push_back({"TimeExceededV6", with(options_v6(), [](auto& o) { o.hop_limit = 1; }), path_v6(),
                 1,
                 "PING fd99:3::2(fd99:3::2) 56 data bytes\n"
                 "From fd99:1::2 icmp_seq=1 Time exceeded: Hop limit\n"
                 "\n"
                 "--- fd99:3::2 ping statistics ---\n"
                 "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
                 "\n"});
  all.push_back({"Filtered", options_v4(),
                 changed(path_v4(), 1,
                         [](auto& hop) {
                           hop.refuses = {3, 13};
                         }),
                 1,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "From 10.99.2.2 icmp_seq=1 Packet filtered\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
                 "\n"});
  all.push_back({"ProhibitedV6", options_v6(),
                 changed(path_v6(), 1,
                         [](auto& hop) {
                           hop.refuses = {1, 1};
                         }),
                 1,
                 "PING fd99:3::2(fd99:3::2) 56 data bytes\n"
                 "From fd99:2::2 icmp_seq=1 Destination unreachable: Administratively prohibited\n"
                 "\n"
                 "--- fd99:3::2 ping statistics ---\n"
                 "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
                 "\n"});
  all.push_back({"FragNeeded",
                 with(options_v4(),
                      [](auto& o) {
                        o.size = 1420;
                        o.path_mtu = PathMtu::always;
                      }),
                 changed(path_v4(), 0, [](auto& hop) { hop.mtu = 1400; }), 1,
                 "PING 10.99.3.2 (10.99.3.2) 1420(1448) bytes of data.\n"
                 "From 10.99.1.2 icmp_seq=1 Frag needed and DF set (mtu = 1400)\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
                 "\n"});
  all.push_back({"TooBigV6", with(options_v6(), [](auto& o) { o.size = 1420; }),
                 changed(path_v6(), 0, [](auto& hop) { hop.mtu = 1400; }), 1,
                 "PING fd99:3::2(fd99:3::2) 1420 data bytes\n"
                 "From fd99:1::2 icmp_seq=1 Packet too big: mtu=1400\n"
                 "\n"
                 "--- fd99:3::2 ping statistics ---\n"
                 "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
                 "\n"});
  all.push_back({"TooBigForTheLink", with(options_v4(), [](auto& o) { o.size = 2000; }), path_v4(),
                 1,
                 "PING 10.99.3.2 (10.99.3.2) 2000(2028) bytes of data.\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
                 "\n",
                 "ping: local error: message too long, mtu=1400\n", 1400});
  all.push_back({"TooBigForTheLinkV6", with(options_v6(), [](auto& o) { o.size = 2000; }),
                 path_v6(), 1,
                 "PING fd99:3::2(fd99:3::2) 2000 data bytes\n"
                 "\n"
                 "--- fd99:3::2 ping statistics ---\n"
                 "1 packets transmitted, 0 received, +1 errors, 100% packet loss, time 0ms\n"
                 "\n",
                 "ping: local error: message too long, mtu: 1400\n", 1400});
  all.push_back({"TooSmallForTimes", with(options_v4(), [](auto& o) { o.size = 8; }), path_v4(), 0,
                 "PING 10.99.3.2 (10.99.3.2) 8(36) bytes of data.\n"
                 "16 bytes from 10.99.3.2: icmp_seq=1 ttl=62\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
                 "\n"});
  all.push_back({"NoAnswer",
                 with(options_v4(),
                      [](auto& o) {
                        o.count = 4;
                        o.interval = 200ms;
                        o.linger = 1s;
                      }),
                 changed(path_v4(), 2, [](auto& hop) { hop.silent = true; }), 1,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "4 packets transmitted, 0 received, 100% packet loss, time 600ms\n"
                 "\n"});
  all.push_back({"Quiet",
                 with(options_v4(),
                      [](auto& o) {
                        o.count = 3;
                        o.quiet = true;
                      }),
                 changed(path_v4(), 2,
                         [](auto& hop) {
                           hop.round_trips = {1ms, 2ms, 4ms};
                         }),
                 0,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n"
                 "rtt min/avg/max/mdev = 1.000/2.333/4.000/1.247 ms\n"});
  all.push_back({"Timestamps",
                 with(options_v4(),
                      [](auto& o) {
                        o.timestamps = true;
                        o.unix_time_offset = 1795306397s;
                      }),
                 path_v4(), 0,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "[1795306497.000569] 64 bytes from 10.99.3.2: icmp_seq=1 ttl=62 time=0.569 ms\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
                 "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"});
  all.push_back({"Duplicates", with(options_v4(), [](auto& o) { o.count = 2; }),
                 changed(path_v4(), 2, [](auto& hop) { hop.duplicates = 1; }), 0,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "64 bytes from 10.99.3.2: icmp_seq=1 ttl=62 time=0.569 ms\n"
                 "64 bytes from 10.99.3.2: icmp_seq=1 ttl=62 time=0.669 ms (DUP!)\n"
                 "64 bytes from 10.99.3.2: icmp_seq=2 ttl=62 time=0.569 ms\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "2 packets transmitted, 2 received, +1 duplicates, 0% packet loss, time 1000ms\n"
                 "rtt min/avg/max/mdev = 0.569/0.602/0.669/0.047 ms\n"});
  all.push_back({"SeveralOnTheirWay",
                 with(options_v4(),
                      [](auto& o) {
                        o.count = 3;
                        o.interval = 100ms;
                      }),
                 changed(path_v4(), 2,
                         [](auto& hop) {
                           hop.round_trips = {150ms, 120ms, 300ms};
                         }),
                 0,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "64 bytes from 10.99.3.2: icmp_seq=1 ttl=62 time=120 ms\n"
                 "64 bytes from 10.99.3.2: icmp_seq=3 ttl=62 time=150 ms\n"
                 "64 bytes from 10.99.3.2: icmp_seq=2 ttl=62 time=300 ms\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "3 packets transmitted, 3 received, 0% packet loss, time 200ms\n"
                 "rtt min/avg/max/mdev = 120.000/190.000/300.000/78.740 ms, pipe 2\n"});
  all.push_back({"Deadline",
                 with(options_v4(),
                      [](auto& o) {
                        o.count = std::nullopt;
                        o.deadline = 2500ms;
                      }),
                 path_v4(), 0,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "64 bytes from 10.99.3.2: icmp_seq=1 ttl=62 time=0.569 ms\n"
                 "64 bytes from 10.99.3.2: icmp_seq=2 ttl=62 time=0.569 ms\n"
                 "64 bytes from 10.99.3.2: icmp_seq=3 ttl=62 time=0.569 ms\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "3 packets transmitted, 3 received, 0% packet loss, time 2000ms\n"
                 "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"});
  all.push_back({"FewerThanAskedForByTheDeadline",
                 with(options_v4(),
                      [](auto& o) {
                        o.count = 2;
                        o.deadline = 500ms;
                      }),
                 path_v4(), 1,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "64 bytes from 10.99.3.2: icmp_seq=1 ttl=62 time=0.569 ms\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
                 "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"});
  all.push_back(
      {"TruncatedReply", options_v4(),
       changed(path_v4(), 2, [](auto& hop) { hop.change_reply = [](auto& p) { p.resize(40); }; }),
       0,
       "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
       "48 bytes from 10.99.3.2: icmp_seq=1 ttl=62 (truncated)\n"
       "\n"
       "--- 10.99.3.2 ping statistics ---\n"
       "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
       "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"});
  all.push_back(
      {"ChangedData", with(options_v4(), [](auto& o) { o.size = 50; }),
       changed(path_v4(), 2, [](auto& hop) { hop.change_reply = [](auto& p) { p[20] = 0; }; }), 0,
       "PING 10.99.3.2 (10.99.3.2) 50(78) bytes of data.\n"
       "58 bytes from 10.99.3.2: icmp_seq=1 ttl=62 time=0.569 ms\n"
       "wrong data byte #20 should be 0x14 but was 0x0\n"
       "#16\t10 11 12 13 0 15 16 17 18 19 1a 1b 1c 1d 1e 1f 20 21 22 23 24 25 26 27 28 29 "
       "2a 2b 2c 2d 2e 2f \n"
       "#48\t30 31 \n"
       "\n"
       "--- 10.99.3.2 ping statistics ---\n"
       "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
       "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"});
  all.push_back({"AnotherAddress", options_v4(),
                 changed(path_v4(), 2, [](auto& hop) { hop.addresses = {"10.99.3.3"}; }), 0,
                 "PING 10.99.3.2 (10.99.3.2) 56(84) bytes of data.\n"
                 "64 bytes from 10.99.3.3: icmp_seq=1 ttl=62 time=0.569 ms (DIFFERENT ADDRESS!)\n"
                 "\n"
                 "--- 10.99.3.2 ping statistics ---\n"
                 "1 packets transmitted, 1 received, 0% packet loss, time 0ms\n"
                 "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"});
  return all;
}

class PingGolden : public testing::TestWithParam<Golden> {};

INSTANTIATE_TEST_SUITE_P(Texts, PingGolden, testing::ValuesIn(goldens()),
                         [](const auto& p) { return p.param.name; });

TEST_P(PingGolden, PrintsAsIputilsDoes) {
  Simulation simulation(GetParam().hops);
  simulation.path.set_max_packet_size(GetParam().link_mtu);
  Ping ping(GetParam().options, simulation.host());
  simulation.run(ping);
  ASSERT_TRUE(ping.is_done());
  EXPECT_EQ(simulation.text.output, GetParam().output);
  EXPECT_EQ(simulation.text.errors, GetParam().errors);
  EXPECT_EQ(ping.exit_code(), GetParam().exit_code);
}

TEST(PingTest, WaitsForTheLastReplyAnIntervalOrTwiceTheLongestTime) {
  auto hops = changed(path_v4(), 2, [](auto& hop) { hop.round_trips = {1500ms, 800ms}; });
  Simulation simulation(hops);
  // The first takes 0.8 s; the second would take 1.5 s and has 1.6 s.
  Ping ping(with(options_v4(), [](auto& o) { o.count = 2; }), simulation.host());
  simulation.run(ping);
  EXPECT_EQ(ping.statistics().received(), 2u);

  Simulation slower(changed(hops, 2, [](auto& hop) { hop.round_trips = {1700ms, 800ms}; }));
  Ping impatient(with(options_v4(), [](auto& o) { o.count = 2; }), slower.host());
  slower.run(impatient);
  EXPECT_EQ(impatient.statistics().received(), 1u);
  EXPECT_EQ(slower.now, Time{100s} + 1s + 1600ms);
}

TEST(PingTest, WithADeadlineSendsUntilSoManyHaveAnswered) {
  Simulation simulation(changed(path_v4(), 2, [](auto& hop) { hop.loss = 0.7; }), 3);
  Ping ping(with(options_v4(),
                 [](auto& o) {
                   o.count = 3;
                   o.deadline = 60s;
                 }),
            simulation.host());
  simulation.run(ping);
  EXPECT_EQ(ping.statistics().received(), 3u);
  EXPECT_GT(ping.statistics().sent(), 3u);
  EXPECT_EQ(ping.exit_code(), 0);
}

TEST(PingTest, AnErrorEndsARunWithADeadline) {
  Simulation simulation(changed(path_v4(), 1, [](auto& hop) { hop.refuses = {3, 1}; }));
  Ping ping(with(options_v4(),
                 [](auto& o) {
                   o.count = 5;
                   o.deadline = 60s;
                 }),
            simulation.host());
  simulation.run(ping);
  EXPECT_EQ(ping.statistics().sent(), 1u);
  EXPECT_EQ(ping.exit_code(), 1);
}

TEST(PingTest, AfterAnInterruptSaysWhatIsKnown) {
  Simulation simulation(path_v4());
  Ping ping(with(options_v4(), [](auto& o) { o.count = std::nullopt; }), simulation.host());
  simulation.run(ping, Time{100s} + 1500ms);
  EXPECT_FALSE(ping.is_done());
  ping.interrupt();
  EXPECT_TRUE(ping.is_done());
  EXPECT_EQ(ping.exit_code(), 0);
  EXPECT_NE(simulation.text.output.find("2 packets transmitted, 2 received"), std::string::npos);
  ping.on_time(simulation.now + 10s);
  EXPECT_EQ(simulation.path.sent_count(), 2u) << "nothing leaves after the end";
}

TEST(PingTest, TheStatusIsOneLineOnStandardError) {
  Simulation simulation(path_v4());
  Ping ping(with(options_v4(), [](auto& o) { o.count = std::nullopt; }), simulation.host());
  ping.start(simulation.now);
  ping.show_status();
  EXPECT_EQ(simulation.text.errors, "\r0/1 packets, 100% loss\n");
  simulation.go_on(ping, simulation.now + 500ms);
  simulation.text.errors.clear();
  ping.show_status();
  EXPECT_EQ(simulation.text.errors,
            "\r1/1 packets, 0% loss, min/avg/ewma/max = 0.569/0.569/0.569/0.569 ms\n");
}

TEST(PingTest, LinesWaitForTheirNamesInOrder) {
  Simulation simulation(changed(path_v4(), 2, [](auto& hop) {
    hop.addresses = {"10.99.3.2", "10.99.3.3"};
  }));
  simulation.names.names = {{"10.99.3.2", "db.example"}, {"10.99.3.3", "db2.example"}};
  simulation.names.delay = 1500ms;
  Ping ping(with(options_v4(),
                 [](auto& o) {
                   o.host = "db.example";
                   o.count = 2;
                   o.naming = Naming::names;
                 }),
            simulation.host());
  simulation.run(ping);
  EXPECT_TRUE(simulation.text.output.starts_with(
      "PING db.example (10.99.3.2) 56(84) bytes of data.\n"
      "64 bytes from db2.example (10.99.3.3): icmp_seq=1 ttl=62 time=0.569 ms (DIFFERENT "
      "ADDRESS!)\n"
      "64 bytes from db.example (10.99.3.2): icmp_seq=2 ttl=62 time=0.569 ms\n"
      "\n--- db.example ping statistics ---\n"))
      << simulation.text.output;
}

TEST(PingTest, AnInterruptDoesNotWaitForNames) {
  Simulation simulation(path_v4());
  simulation.names.delay = 1h;
  Ping ping(with(options_v4(), [](auto& o) { o.naming = Naming::names; }), simulation.host());
  simulation.run(ping, Time{100s} + 2s);
  EXPECT_FALSE(ping.is_done());
  ping.interrupt();
  EXPECT_TRUE(ping.is_done());
  EXPECT_NE(simulation.text.output.find("64 bytes from 10.99.3.2: icmp_seq=1"), std::string::npos);
}

TEST(PingTest, ANameCannotCommandTheTerminal) {
  Simulation simulation(path_v4());
  simulation.names.names = {{"10.99.3.2", "a\x1b[2Jb\nc"}};
  Ping ping(with(options_v4(), [](auto& o) { o.naming = Naming::names; }), simulation.host());
  simulation.run(ping);
  EXPECT_NE(simulation.text.output.find("from a?[2Jb?c (10.99.3.2)"), std::string::npos);
}

TEST(PingTest, TimesHaveFourDigitsAsInIputils) {
  const std::pair<Duration, const char*> cases[] = {
      {0us, " time=0.000 ms"},      {569us, " time=0.569 ms"},   {999us, " time=0.999 ms"},
      {1000us, " time=1.00 ms"},    {1234us, " time=1.23 ms"},   {1235us, " time=1.24 ms"},
      {9994us, " time=9.99 ms"},    {9995us, " time=10.0 ms"},   {12345us, " time=12.3 ms"},
      {99949us, " time=99.9 ms"},   {99950us, " time=100 ms"},   {123456us, " time=123 ms"},
      {1234567us, " time=1235 ms"}, {1234999ns, " time=1.23 ms"}};
  for (const auto& [time, text] : cases) EXPECT_EQ(ping_time(time), text);
}

TEST(PingTest, ThePacketsSayWhatTheOptionsSay) {
  Simulation simulation(path_v4());
  Ping ping(with(options_v4(),
                 [](auto& o) {
                   o.count = 2;
                   o.size = 100;
                   o.hop_limit = 17;
                   o.traffic_class = 0xb8;
                 }),
            simulation.host());
  simulation.run(ping);
  ASSERT_EQ(simulation.path.sent().size(), 2u);
  std::set<int> ids;
  for (int i = 0; i < 2; ++i) {
    const auto ip = IpView::parse(simulation.path.sent()[i]).value();
    const auto icmp = IcmpView::parse(ip).value();
    EXPECT_EQ(ip.hop_limit(), 17);
    EXPECT_EQ(ip.traffic_class(), 0xb8);
    EXPECT_TRUE(ip.dont_fragment());
    EXPECT_EQ(icmp.sequence, i + 1);
    EXPECT_EQ(icmp.payload.size(), 100u);
    EXPECT_EQ(icmp.payload[99], 99);
    ids.insert(icmp.id);
  }
  EXPECT_EQ(ids.size(), 1u);
}

TEST(PingTest, TwoRunsHaveDifferentIdsAndData) {
  Simulation simulation(path_v4());
  Ping first(options_v4(), simulation.host());
  Ping second(options_v4(), simulation.host());
  simulation.run(first);
  simulation.run(second);
  EXPECT_NE(simulation.path.sent()[0], simulation.path.sent()[1]);
}

TEST(PingTest, MayFragmentOnlyAsAskedFor) {
  const auto narrow = changed(path_v4(), 0, [](auto& hop) { hop.mtu = 1400; });
  const auto dont_fragment = [&](PathMtu path_mtu) {
    Simulation simulation(narrow);
    Ping ping(with(options_v4(),
                   [&](auto& o) {
                     o.count = 2;
                     o.size = 1420;
                     o.path_mtu = path_mtu;
                   }),
              simulation.host());
    simulation.run(ping);
    std::vector<bool> bits;
    for (const auto& packet : simulation.path.sent()) {
      bits.push_back(IpView::parse(packet).value().dont_fragment());
    }
    return bits;
  };
  EXPECT_EQ(dont_fragment(PathMtu::always), (std::vector<bool>{true, true}));
  EXPECT_EQ(dont_fragment(PathMtu::want), (std::vector<bool>{true, false}));
  EXPECT_EQ(dont_fragment(PathMtu::dont_discover), (std::vector<bool>{false, false}));
}

TEST(PingTest, SaysWhyALinkDoesNotSend) {
  Simulation simulation(path_v4());
  simulation.path.refuse(DropReason::link_down);
  Ping ping(with(options_v4(), [](auto& o) { o.linger = 1s; }), simulation.host());
  simulation.run(ping);
  EXPECT_EQ(simulation.text.errors, "ping: sendmsg: Network is down\n");
  EXPECT_EQ(ping.exit_code(), 1);
}

TEST(PingTest, ShowsTheThreeLegsWhenAsked) {
  Simulation simulation(path_v4());
  Ping ping(with(options_v4(), [](auto& o) { o.legs = true; }), simulation.host());
  ping.on_legs({.device_to_edge = 200us, .edge_to_connector = 100us});
  simulation.run(ping);
  EXPECT_TRUE(simulation.text.output.ends_with(
      "rtt min/avg/max/mdev = 0.569/0.569/0.569/0.000 ms\n"
      "legs device-edge/edge-connector/connector-host = 0.200/0.100/0.269 ms\n"))
      << simulation.text.output;
}

TEST(PingTest, JsonIsOneDocument) {
  Simulation simulation(changed(path_v4(), 2, [](auto& hop) { hop.duplicates = 1; }));
  Ping ping(with(options_v4(),
                 [](auto& o) {
                   o.count = 2;
                   o.output = PingOutput::json;
                 }),
            simulation.host());
  ping.on_legs({.device_to_edge = 200us, .edge_to_connector = 100us});
  simulation.run(ping);
  const auto json = nlohmann::json::parse(simulation.text.output);
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["destination"], "10.99.3.2");
  ASSERT_EQ(json["answers"].size(), 3u);
  EXPECT_EQ(json["answers"][0]["rtt_ms"], 0.569);
  EXPECT_EQ(json["answers"][0]["legs_ms"]["connector_to_host"], 0.269);
  EXPECT_EQ(json["answers"][1]["duplicate"], true);
  EXPECT_EQ(json["summary"]["transmitted"], 2);
  EXPECT_EQ(json["summary"]["received"], 2);
  EXPECT_EQ(json["summary"]["duplicates"], 1);
  EXPECT_EQ(json["summary"]["legs_ms"]["device_to_edge"], 0.2);
}

TEST(PingTest, JsonOfARunWithoutAnAnswerIsWholeToo) {
  Simulation simulation(changed(path_v4(), 1, [](auto& hop) { hop.mtu = 1400; }));
  Ping ping(with(options_v4(),
                 [](auto& o) {
                   o.size = 1400;
                   o.output = PingOutput::json;
                 }),
            simulation.host());
  simulation.run(ping);
  const auto json = nlohmann::json::parse(simulation.text.output);
  EXPECT_EQ(json["answers"][0]["error"], "Frag needed and DF set (mtu = 1400)");
  EXPECT_EQ(json["answers"][0]["mtu"], 1400);
  EXPECT_FALSE(json["summary"].contains("rtt_ms"));
}

TEST(PingTest, SequencesAreUsedAgain) {
  Simulation simulation(path_v4());
  simulation.path.keep_sent(false);
  Ping ping(with(options_v4(),
                 [](auto& o) {
                   o.count = 150'000;
                   o.interval = 1ms;
                   o.quiet = true;
                   o.size = 16;
                 }),
            simulation.host());
  simulation.run(ping);
  EXPECT_EQ(ping.statistics().received(), 150'000u);
  EXPECT_EQ(ping.statistics().duplicates(), 0u);
  EXPECT_EQ(ping.probes().waiting(), 0u);
  EXPECT_LT(simulation.text.output.size(), 1000u);
  EXPECT_EQ(simulation.pool.in_use(), 0u);
}

}  // namespace
}  // namespace oneping::probe
