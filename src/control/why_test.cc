// One verdict for each way to die, and the right one.
#include "control/why.h"

#include <gtest/gtest.h>

namespace oneping::control {
namespace {

using namespace std::chrono_literals;
using Change = void (*)(WhyFacts& facts);

IpAddress address(const char* text) { return *IpAddress::parse(text); }

edge::HopReport hop(unsigned ttl, edge::HopRole role, const char* from, Duration average) {
  edge::HopReport report{.ttl = ttl, .role = role, .sent = 3};
  if (from == nullptr) {
    report.lost = 3;
  } else {
    report.address = address(from);
    report.average = average;
  }
  return report;
}

// alice's laptop pings the origin, and all is well.
WhyFacts healthy() {
  WhyFacts facts;
  facts.asked = "172.16.10.120";
  facts.address = address("172.16.10.120");
  facts.sender = WhyFacts::Sender{.device = "laptop", .user = "alice", .online = true, .rtt = 5ms};
  facts.policy_reason = "no policy matches, and the default is allow";
  facts.policy = "default";
  facts.route = *Prefix::parse("172.16.10.0/24");
  facts.tunnel = "office";
  facts.health = edge::TunnelHealth::healthy;
  facts.connections = 4;
  facts.icmp = edge::IcmpState::available;
  edge::PathReport path;
  path.hops = {hop(1, edge::HopRole::edge, "172.68.101.57", 0ms),
               hop(2, edge::HopRole::connector, "172.16.10.100", 10ms),
               hop(3, edge::HopRole::destination, "172.16.10.120", 12ms)};
  path.is_reached = path.is_complete = true;
  path.mtu = probe::PathMtuResult{.largest = 1410};
  path.edge_to_connector = 9ms;
  facts.path = path;
  return facts;
}

void make_silent(WhyFacts& facts) {
  facts.path->hops[2] = hop(3, edge::HopRole::router, nullptr, {});
  facts.path->is_reached = false;
  facts.path->mtu.reset();
}

void end_at(WhyFacts& facts, edge::HopRole role, const char* from, std::uint8_t type,
            std::uint8_t code) {
  make_silent(facts);
  facts.path->hops[2] = hop(3, role, from, 12ms);
  facts.path->hops[2].error = edge::HopReport::Error{type, code};
}

using PortOutcome = edge::PortReport::Outcome;

edge::PortReport tcp(PortOutcome outcome) {
  return {edge::Transport::tcp, 443, outcome, "in words"};
}
void tell_port(WhyFacts& facts, PortOutcome outcome,
               edge::Transport transport = edge::Transport::tcp) {
  facts.asks_for_port = true;
  facts.path->port = {transport, 443, outcome, "in words"};
}

struct Case {
  const char* cause;
  Change change;
  const char* verdict;  // is in it
  bool reachable = false;
};

const Case kCases[] = {
    {"reachable", [](WhyFacts&) {}, "172.16.10.120 is reachable, 12.0 ms from the edge.", true},
    {"unknown_name",
     [](WhyFacts& f) {
       f.asked = "db.office";
       f.address.reset();
       f.resolve_error = "no such name";
     },
     "The name \"db.office\" is not known to the edge: no such name."},
    {"device_revoked", [](WhyFacts& f) { f.sender->revoked = true; },
     "The device \"laptop\" of alice has been revoked."},
    {"device_offline", [](WhyFacts& f) { f.sender->online = false; },
     "is not connected to the edge."},
    {"policy_denied",
     [](WhyFacts& f) {
       f.verdict = Verdict::deny;
       f.policy = "no-finance";
     },
     "The policy \"no-finance\" denies it."},
    {"policy_denied", [](WhyFacts& f) { f.verdict = Verdict::deny; },
     "No policy allows it, and the default is to deny."},
    {"no_route", [](WhyFacts& f) { f.route.reset(); },
     "No route of the network \"default\" leads to 172.16.10.120."},
    {"no_route",
     [](WhyFacts& f) {
       f.route.reset();
       f.device_there = "phone";
     },
     "172.16.10.120 is the device \"phone\", and devices do not reach one another."},
    {"no_route",
     [](WhyFacts& f) {
       f.route.reset();
       f.address = address("127.0.0.1");
     },
     "127.0.0.1 is no address that is routed"},
    {"connector_down", [](WhyFacts& f) { f.health = edge::TunnelHealth::inactive; },
     "No connector of tunnel \"office\" has ever connected."},
    {"connector_down",
     [](WhyFacts& f) {
       f.health = edge::TunnelHealth::down;
       f.last_connected = kFirstTimestamp;
     },
     "is connected; the last was there at 1970-01-01T00:00:00.000Z."},
    {"icmp_unavailable",
     [](WhyFacts& f) {
       f.icmp = edge::IcmpState::unavailable;
       f.icmp_reason = "group 65532 is not in net.ipv4.ping_group_range";
     },
     "may not ping: group 65532 is not in net.ipv4.ping_group_range."},
    {"no_route_behind", [](WhyFacts& f) { end_at(f, edge::HopRole::router, "172.16.10.1", 3, 0); },
     "The router 172.16.10.1 has no route to 172.16.10.120."},
    {"host_down", [](WhyFacts& f) { end_at(f, edge::HopRole::connector, "172.16.10.100", 3, 1); },
     "Nobody is at 172.16.10.120: the connector 172.16.10.100 says that the host does not answer."},
    {"filtered", [](WhyFacts& f) { end_at(f, edge::HopRole::router, "172.16.10.1", 3, 13); },
     "The router 172.16.10.1 does not let it pass: administratively prohibited."},
    {"filtered", [](WhyFacts& f) { end_at(f, edge::HopRole::router, "172.16.10.120", 3, 10); },
     "172.16.10.120 itself does not let it pass"},
    {"refused", [](WhyFacts& f) { end_at(f, edge::HopRole::router, "172.16.10.1", 12, 0); },
     "refuses it (ICMP type 12, code 0)."},
    {"silent", make_silent,
     "172.16.10.120 does not answer, and nobody says why; the last that answers is the connector "
     "172.16.10.100."},
    {"echo_filtered",
     [](WhyFacts& f) {
       make_silent(f);
       f.path->life = tcp(PortOutcome::refused);
     },
     "172.16.10.120 is up, but does not answer pings"},
    {"echo_filtered",
     [](WhyFacts& f) {
       make_silent(f);
       f.icmp = edge::IcmpState::unknown;
       f.path->life = tcp(PortOutcome::refused);
     },
     "something there filters them, or the connector cannot ping."},
    {"reachable",
     [](WhyFacts& f) {
       make_silent(f);
       tell_port(f, PortOutcome::open);
     },
     "172.16.10.120 is reachable on tcp port 443.", true},
    {"echo_filtered",
     [](WhyFacts& f) {
       make_silent(f);
       tell_port(f, PortOutcome::refused);
     },
     "is up, but does not answer pings"},
    {"mtu_black_hole",
     [](WhyFacts& f) {
       f.path->mtu->largest = 1296;
       f.path->mtu->vanished = 1300;
     },
     "Packets up to 1296 bytes get there; larger ones vanish without a word."},
    {"reachable", [](WhyFacts& f) { tell_port(f, PortOutcome::open); }, "on tcp port 443", true},
    {"port_closed", [](WhyFacts& f) { tell_port(f, PortOutcome::refused); },
     "nobody listens on tcp port 443."},
    {"port_silent", [](WhyFacts& f) { tell_port(f, PortOutcome::silent); },
     "tcp port 443 does not answer."},
    {"port_unreachable", [](WhyFacts& f) { tell_port(f, PortOutcome::unreachable); },
     "is not reached: in words."},
    {"reachable", [](WhyFacts& f) { tell_port(f, PortOutcome::unknown); }, "is reachable", true},
    {"reachable", [](WhyFacts& f) { f.asks_for_port = true; }, "is reachable", true},
    {"reachable", [](WhyFacts& f) { tell_port(f, PortOutcome::silent, edge::Transport::udp); },
     "172.16.10.120 is reachable, 12.0 ms", true},
    {"port_closed", [](WhyFacts& f) { tell_port(f, PortOutcome::refused, edge::Transport::udp); },
     "nobody listens on udp port 443."},
    {"reachable",
     [](WhyFacts& f) {
       f.icmp = edge::IcmpState::unavailable;
       make_silent(f);
       tell_port(f, PortOutcome::open);
     },
     "is reachable on tcp port 443.", true},
    {"reachable",
     [](WhyFacts& f) {
       end_at(f, edge::HopRole::router, "172.16.10.1", 3, 13);
       tell_port(f, PortOutcome::open, edge::Transport::udp);
     },
     "is reachable on udp port 443.", true},
    {"reachable", [](WhyFacts& f) { f.sender.reset(); }, "is reachable", true},
    // Of what the edge itself refuses, nobody's filter is guilty.
    {"reachable",
     [](WhyFacts& f) {
       f.may_ping = false;
       end_at(f, edge::HopRole::edge, "172.68.101.57", 3, 13);
       tell_port(f, PortOutcome::open, edge::Transport::udp);
     },
     "is reachable on udp port 443.", true},
    {"port_silent",
     [](WhyFacts& f) {
       f.may_ping = false;
       end_at(f, edge::HopRole::edge, "172.68.101.57", 3, 13);
       tell_port(f, PortOutcome::silent, edge::Transport::udp);
     },
     "says nothing, and pings, which could tell more, no policy lets the sender send."},
    {"port_closed",
     [](WhyFacts& f) {
       f.may_ping = false;
       end_at(f, edge::HopRole::edge, "172.68.101.57", 3, 13);
       tell_port(f, PortOutcome::refused, edge::Transport::udp);
     },
     "nobody listens on udp port 443."},
};

TEST(Why, EachCauseHasItsVerdict) {
  for (const Case& c : kCases) {
    WhyFacts facts = healthy();
    c.change(facts);
    const WhyAnswer answer = why(facts);
    EXPECT_EQ(answer.cause, c.cause) << c.verdict;
    EXPECT_EQ(answer.reachable, c.reachable) << c.verdict;
    EXPECT_NE(answer.verdict.find(c.verdict), std::string::npos) << answer.verdict;
    EXPECT_EQ(answer.fix.empty(), c.reachable) << c.verdict;
    EXPECT_TRUE(answer.verdict.ends_with('.')) << answer.verdict;
  }
}

TEST(Why, TheEvidenceEndsWhereTheWayDoes) {
  WhyFacts facts = healthy();
  facts.health = edge::TunnelHealth::down;
  const WhyAnswer answer = why(facts);
  ASSERT_FALSE(answer.evidence.empty());
  for (std::size_t i = 0; i + 1 < answer.evidence.size(); ++i) {
    EXPECT_NE(answer.evidence[i].outcome, WhyAnswer::Outcome::bad) << answer.evidence[i].detail;
  }
  EXPECT_EQ(answer.evidence.back().check, "tunnel");
  EXPECT_EQ(answer.evidence.back().outcome, WhyAnswer::Outcome::bad);
}

TEST(Why, IPv6ErrorsSayTheSame) {
  struct Twin {
    std::uint8_t code;
    const char* cause;
  };
  for (const Twin& c : {Twin{0, "no_route_behind"}, Twin{1, "filtered"}, Twin{3, "host_down"}}) {
    WhyFacts facts = healthy();
    facts.asked = "fd00::120";
    facts.address = address("fd00::120");
    end_at(facts, edge::HopRole::router, "fd00::1", 1, c.code);
    EXPECT_EQ(why(facts).cause, c.cause);
  }
}

TEST(Why, TheLegsOfTheWay) {
  const WhyAnswer answer = why(healthy());
  EXPECT_EQ(answer.device_to_edge, 5ms);
  EXPECT_EQ(answer.edge_to_connector, 9ms);
  EXPECT_EQ(answer.connector_to_host, 3ms);
}

}  // namespace
}  // namespace oneping::control
