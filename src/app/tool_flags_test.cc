// The command lines of ping, trace and mtr: what people type is what the tools are asked.
#include "app/tool_flags.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

#include "app/mtr_flags.h"
#include "app/ping_flags.h"
#include "app/trace_flags.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;

// Reads the line; what was wrong with it, or nothing.
template <typename Flags>
std::string read(void (*add)(CLI::App&, Flags&), Flags& flags, const std::string& line) {
  CLI::App app;
  add(app, flags);
  try {
    app.parse(line);
  } catch (const CLI::ParseError& error) {
    return error.what();
  }
  return {};
}

TEST(PingFlags, AreThoseOfIputils) {
  PingFlags flags;
  ASSERT_EQ(read(add_ping_flags, flags,
                 "-4 -n -q -D -c5 -i.2 -s 1400 -t 3 -W 0.5 -w 7 -Q 0x10 -M do db.example"),
            "");
  EXPECT_EQ(flags.tool.host, "db.example");
  EXPECT_TRUE(flags.tool.only_v4);
  EXPECT_EQ(flags.tool.naming, probe::Naming::numeric);
  const probe::PingOptions& ping = flags.ping;
  EXPECT_EQ(ping.count, 5u);
  EXPECT_EQ(ping.interval, 200ms);
  EXPECT_EQ(ping.size, 1400u);
  EXPECT_EQ(ping.hop_limit, 3);
  EXPECT_EQ(ping.linger, 500ms);
  EXPECT_EQ(ping.deadline, Duration(7s));
  EXPECT_EQ(ping.traffic_class, 0x10);
  EXPECT_EQ(ping.path_mtu, probe::PathMtu::always);
  EXPECT_TRUE(ping.quiet);
  EXPECT_TRUE(ping.timestamps);
}

TEST(PingFlags, DefaultsAreTheTools) {
  PingFlags flags;
  ASSERT_EQ(read(add_ping_flags, flags, "fd00::1"), "");
  EXPECT_EQ(flags.tool.host, "fd00::1");
  EXPECT_EQ(flags.ping.size, 56u);
  EXPECT_EQ(flags.ping.interval, 1s);
  EXPECT_FALSE(flags.ping.count);
  EXPECT_EQ(flags.ping.output, probe::PingOutput::text);
}

TEST(PingFlags, WhatIsWrongIsSaid) {
  struct Case {
    const char* line;
    const char* says;
  };
  for (const auto& [line, says] :
       {Case{"-c 0 db", "-c: '0' is no number from 1"}, Case{"-c x db", "-c: 'x' is no number"},
        Case{"-i -1 db", "-i: '-1' is no time"}, Case{"-i nan db", "-i: 'nan' is no time"},
        Case{"-i 1e99 db", "-i: '1e99' is no time"}, Case{"-t 256 db", "-t: '256' is no number"},
        Case{"-Q 0xfff db", "-Q: '0xfff' is no number from 0 to 255"},
        Case{"-M dunno db", "-M: 'dunno' is none of do, want, dont"},
        Case{"-s 70000 db", "-s: '70000' is no number"}, Case{"-4 -6 db", "-4 excludes -6"},
        Case{"", "DEST is required"}, Case{"-c 1 db other", "other"}}) {
    PingFlags flags;
    const std::string said = read(add_ping_flags, flags, line);
    EXPECT_NE(said.find(says), said.npos) << line << ": " << said;
  }
}

TEST(TraceFlags, AreThoseOfTraceroute) {
  TraceFlags flags;
  ASSERT_EQ(read(add_trace_flags, flags,
                 "-I -6 -n -f 2 -m 20 -q 1 -N 4 -w 3,0,1.5 -z 200 -t 16 -F db.example 1000"),
            "");
  const probe::TraceOptions& trace = flags.trace;
  EXPECT_EQ(flags.tool.host, "db.example");
  EXPECT_TRUE(flags.tool.only_v6);
  EXPECT_EQ(trace.first_hop, 2u);
  EXPECT_EQ(trace.max_hops, 20u);
  EXPECT_EQ(trace.queries, 1u);
  EXPECT_EQ(trace.sim_queries, 4u);
  EXPECT_EQ(trace.wait.max, 3s);
  EXPECT_EQ(trace.wait.here, 0);
  EXPECT_EQ(trace.wait.near, 1.5);
  EXPECT_EQ(trace.send_wait, 200ms);
  EXPECT_EQ(trace.traffic_class, 16);
  EXPECT_TRUE(trace.dont_fragment);
  EXPECT_EQ(trace.packet_size, 1000u);
  EXPECT_TRUE(check(flags));
}

TEST(TraceFlags, TimesAreReadAsTracerouteDoes) {
  struct Case {
    const char* line;
    Duration send_wait;
    Duration max;
    double here;
  };
  for (const auto& [line, send_wait, max, here] :
       {Case{"db", 0s, 5s, 3}, Case{"-z 10 db", 10s, 5s, 3}, Case{"-z 11 db", 11ms, 5s, 3},
        Case{"-z 0.5 db", 500ms, 5s, 3}, Case{"-w 2 db", 0s, 2s, 0},
        Case{"-w 2,4 db", 0s, 2s, 4}}) {
    TraceFlags flags;
    ASSERT_EQ(read(add_trace_flags, flags, line), "") << line;
    EXPECT_EQ(flags.trace.send_wait, send_wait) << line;
    EXPECT_EQ(flags.trace.wait.max, max) << line;
    EXPECT_EQ(flags.trace.wait.here, here) << line;
  }
  for (const char* line : {"-w , db", "-w 1,,2 db", "-w 1,2,3,4 db", "-z x db", "-q 11 db"}) {
    TraceFlags flags;
    EXPECT_NE(read(add_trace_flags, flags, line), "") << line;
  }
}

TEST(TraceFlags, FirstHopBehindTheLastIsRefused) {
  TraceFlags flags;
  ASSERT_EQ(read(add_trace_flags, flags, "-f 9 -m 8 db"), "");
  EXPECT_FALSE(check(flags));
}

TEST(MtrFlags, AreThoseOfMtr) {
  MtrFlags flags;
  ASSERT_EQ(read(add_mtr_flags, flags,
                 "-r -c 5 -i 0.1 -G 1 -f 2 -m 9 -U 3 -s 100 -B 0xff -Q 8 -n -b -o LSR db"),
            "");
  const probe::MtrOptions& mtr = flags.mtr;
  EXPECT_EQ(mtr.output, probe::MtrOutput::report);
  EXPECT_EQ(mtr.count, 5u);
  EXPECT_EQ(mtr.interval, 100ms);
  EXPECT_EQ(mtr.grace, 1s);
  EXPECT_EQ(mtr.first_ttl, 2u);
  EXPECT_EQ(mtr.max_ttl, 9u);
  EXPECT_EQ(mtr.max_unknown, 3u);
  EXPECT_EQ(mtr.packet_size, 100u);
  EXPECT_EQ(mtr.bit_pattern, 0xff);
  EXPECT_EQ(mtr.traffic_class, 8);
  EXPECT_TRUE(mtr.show_addresses);
  EXPECT_EQ(mtr.fields.size(), 3u);
}

TEST(MtrFlags, OutputIsWhatWasAskedFor) {
  struct Case {
    const char* line;
    probe::MtrOutput output;
  };
  for (const auto& [line, output] :
       {Case{"db", probe::MtrOutput::screen}, Case{"-rw db", probe::MtrOutput::wide_report},
        Case{"-w db", probe::MtrOutput::wide_report}, Case{"-j -r db", probe::MtrOutput::json},
        Case{"--report --json db", probe::MtrOutput::json}}) {
    MtrFlags flags;
    ASSERT_EQ(read(add_mtr_flags, flags, line), "") << line;
    EXPECT_EQ(flags.mtr.output, output) << line;
  }
  MtrFlags flags;
  EXPECT_NE(read(add_mtr_flags, flags, "-o LQ db"), "");
}

TEST(ToolFlags, AddressesAreOfTheFamilyThatIsWanted) {
  ToolFlags flags{.host = "192.0.2.7", .state = {}};
  EXPECT_EQ(*addresses_of(flags), std::vector{*IpAddress::parse("192.0.2.7")});
  flags.only_v6 = true;
  EXPECT_EQ(addresses_of(flags).error().message, "192.0.2.7: it has no IPv6 address");
  flags.host = "bad..name";
  EXPECT_EQ(addresses_of(flags).error().message.find("bad..name: "), 0u);
}

}  // namespace
}  // namespace oneping
