#include "proxy/udp_mappings.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <map>
#include <memory>
#include <set>
#include <utility>

#include "proxy/testing/fake_udp_network.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;
using testing::FakeUdpNetwork;
using Place = UdpMappings::Place;

constexpr Place kNone = UdpMappings::kNone;

SocketAddress at(const char* text) { return *SocketAddress::parse(text); }
UdpOwner client(std::uint32_t host, std::uint16_t port) {
  return UdpOwner::client({IpAddress::v4(0x64600000 + host), port});
}
SocketAddress remote(std::uint32_t host, std::uint16_t port = 7) {
  return {IpAddress::v4(0xac100a00 + host), port};
}
UdpOwner session(std::uint8_t number) { return UdpOwner::session(Uuid{number}); }

struct Over final : UdpMappingEvents {
  void on_mapping_over(const UdpOwner& owner, std::uint8_t) override { owners.push_back(owner); }
  std::vector<UdpOwner> owners;
};

class UdpMappingsTest : public ::testing::Test {
 protected:
  void make(const UdpMappingOptions& options = {}) {
    mappings = std::make_unique<UdpMappings>(options, network, over, 42);
  }
  Place use(const UdpOwner& owner, const SocketAddress& to, Time now) {
    const auto used = mappings->use(owner, to, std::nullopt, now);
    return used ? *used : kNone;
  }
  DropReason refusal(const UdpOwner& owner, const SocketAddress& to, Time now) {
    const auto used = mappings->use(owner, to, std::nullopt, now);
    return used ? DropReason::kCount : used.error();
  }
  UdpSocketId socket_of(const UdpOwner& owner) { return mappings->find(owner); }

  FakeUdpNetwork network;
  Over over;
  std::unique_ptr<UdpMappings> mappings;
};

TEST_F(UdpMappingsTest, OneSocketForAPortOfAClientWhereverHeSends) {
  make();
  for (std::uint32_t i = 0; i < 100; ++i)
    ASSERT_NE(use(client(1, 5000), remote(i), Time(1s)), kNone);
  EXPECT_EQ(network.is_open.size(), 1u);
  EXPECT_EQ(mappings->flows(), 100u);
  ASSERT_NE(use(client(1, 5001), remote(1), Time(1s)), kNone);
  ASSERT_NE(use(client(2, 5000), remote(1), Time(1s)), kNone);
  EXPECT_EQ(network.is_open.size(), 3u) << "another port, another client: other sockets";
}

TEST_F(UdpMappingsTest, BothFamiliesGetSocketsOfTheirOwn) {
  make();
  ASSERT_NE(use(client(1, 1), remote(1), Time(1s)), kNone);
  ASSERT_NE(use(UdpOwner::client(at("[fd00::1]:1")), at("[fd00::2]:2"), Time(1s)), kNone);
  EXPECT_EQ(network.is_open.at(socket_of(client(1, 1))), IpFamily::v4);
  EXPECT_EQ(network.is_open.at(socket_of(UdpOwner::client(at("[fd00::1]:1")))), IpFamily::v6);
}

TEST_F(UdpMappingsTest, OnlyFromWhereTheClientHasSentTo) {
  make();
  const Place flow = use(client(1, 1), remote(1, 53), Time(1s));
  ASSERT_NE(use(client(2, 1), remote(2, 53), Time(1s)), kNone);
  const auto socket = socket_of(client(1, 1));
  EXPECT_EQ(mappings->find(socket, remote(1, 53), Time(2s)), flow);
  EXPECT_EQ(mappings->find(socket, remote(1, 54), Time(2s)), kNone) << "another port";
  EXPECT_EQ(mappings->find(socket, remote(2, 53), Time(2s)), kNone) << "another client's";
  EXPECT_EQ(mappings->find(socket + 7, remote(1, 53), Time(2s)), kNone) << "no socket";
}

TEST_F(UdpMappingsTest, AFlowIsForgottenWhenNothingGoesThroughIt) {
  make();
  use(client(1, 1), remote(1), Time(0s));
  use(client(1, 1), remote(2), Time(100s));
  const auto socket = socket_of(client(1, 1));
  EXPECT_EQ(mappings->next_deadline(), Time(300s));
  mappings->expire(Time(299s));
  EXPECT_EQ(mappings->flows(), 2u);
  EXPECT_EQ(mappings->find(socket, remote(1), Time(300s)), kNone) << "even before it is collected";
  mappings->expire(Time(300s));
  EXPECT_EQ(mappings->flows(), 1u);
  EXPECT_EQ(network.is_open.size(), 1u) << "the mapping lives while it has flows";
  mappings->expire(Time(400s));
  EXPECT_TRUE(network.is_open.empty());
  EXPECT_EQ(mappings->mappings(), 0u);
  EXPECT_EQ(mappings->expired(), 2u);
  EXPECT_EQ(mappings->next_deadline(), kNever);
}

TEST_F(UdpMappingsTest, BothDirectionsKeepAFlow) {
  make();
  const Place flow = use(client(1, 1), remote(1), Time(0s));
  mappings->touch(flow, Time(200s));
  EXPECT_EQ(use(client(1, 1), remote(1), Time(450s)), flow);
  mappings->expire(Time(749s));
  EXPECT_EQ(mappings->flows(), 1u);
}

TEST_F(UdpMappingsTest, AFlowThatWasIdleBeginsAnew) {
  make();
  use(client(1, 1), remote(1), Time(0s));
  ASSERT_NE(use(client(1, 1), remote(1), Time(300s)), kNone);
  EXPECT_EQ(network.opened, 2u) << "with another socket";
  EXPECT_EQ(mappings->flows(), 1u);
}

TEST_F(UdpMappingsTest, DnsIsShort) {
  make();
  use(client(1, 1), remote(1, 53), Time(0s));
  use(client(1, 2), remote(1, 54), Time(0s));
  EXPECT_EQ(mappings->next_deadline(), Time(30s));
  mappings->expire(Time(30s));
  EXPECT_EQ(socket_of(client(1, 1)), kNone);
  EXPECT_NE(socket_of(client(1, 2)), kNone);
}

TEST_F(UdpMappingsTest, ASessionIsIdleAsLongAsItSaysAtLeast) {
  struct Case {
    Duration said;
    Duration expected;
  };
  for (const Case& c : {Case{1s, 30s}, Case{30s, 30s}, Case{31s, 1min}, Case{210s, 210s},
                        Case{5min, 5min}, Case{330s, 6min}, Case{361s, 10min}, Case{1h, 10min}}) {
    make();
    ASSERT_TRUE(mappings->use(session(1), remote(1, 53), c.said, Time(0s)));
    EXPECT_EQ(mappings->next_deadline(), Time(c.expected)) << c.said.count();
  }
}

TEST_F(UdpMappingsTest, ASessionIsNoClient) {
  make();
  const auto id = Uuid{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 100, 96, 0, 1};
  ASSERT_TRUE(mappings->use(UdpOwner::session(id), remote(1), 30s, Time(0s)));
  ASSERT_NE(use(UdpOwner::client({IpAddress::v4(0x64600001), 0}), remote(1), Time(0s)), kNone);
  EXPECT_EQ(network.is_open.size(), 2u) << "although their names have the same bytes";
  mappings->close(mappings->find(UdpOwner::session(id)));
  EXPECT_EQ(network.is_open.size(), 1u);
}

TEST_F(UdpMappingsTest, WhenFullNobodyWhoIsAtWorkIsHurt) {
  network.sockets = 3;
  make({.max_mappings = 1000, .max_mappings_per_client = 1000});
  EXPECT_EQ(mappings->capacity(), 3u) << "no more than the backend has";
  for (std::uint16_t i = 0; i < 3; ++i)
    ASSERT_NE(use(client(1, i), remote(1), Time(1s * i)), kNone);
  EXPECT_EQ(refusal(client(1, 9), remote(1), Time(119s)), DropReason::flow_table_full);
  EXPECT_EQ(mappings->mappings(), 3u);
  ASSERT_NE(use(client(1, 9), remote(1), Time(120s)), kNone) << "two minutes: the oldest goes";
  EXPECT_EQ(socket_of(client(1, 0)), kNone);
  EXPECT_NE(socket_of(client(1, 1)), kNone);
  EXPECT_EQ(mappings->evicted(), 1u);
}

TEST_F(UdpMappingsTest, WhatSpokeToDnsServersOnlyMakesRoomSooner) {
  network.sockets = 3;
  make({.max_mappings_per_client = 1000});
  use(client(1, 1), remote(1, 99), Time(0s));
  use(client(1, 2), remote(1, 53), Time(10s));
  use(client(1, 3), remote(1, 53), Time(10s));
  use(client(1, 3), remote(1, 123), Time(10s));
  EXPECT_EQ(refusal(client(1, 9), remote(1), Time(11s)), DropReason::flow_table_full);
  ASSERT_NE(use(client(1, 9), remote(1), Time(12s)), kNone);
  EXPECT_EQ(socket_of(client(1, 2)), kNone);
  EXPECT_EQ(refusal(client(1, 10), remote(1), Time(40s)), DropReason::flow_table_full)
      << "the others have spoken to something else, too";
}

TEST_F(UdpMappingsTest, OneClientCannotTakeAllSockets) {
  make({.max_mappings_per_client = 2});
  for (std::uint16_t i = 0; i < 2; ++i) ASSERT_NE(use(client(1, i), remote(1), Time(0s)), kNone);
  EXPECT_EQ(refusal(client(1, 3), remote(1), Time(1s)), DropReason::device_flow_limit);
  ASSERT_NE(use(client(2, 3), remote(1), Time(1s)), kNone) << "others may";
  ASSERT_NE(use(client(1, 1), remote(9), Time(1s)), kNone) << "his ports may send elsewhere";
  ASSERT_NE(use(client(1, 3), remote(1), Time(120s)), kNone) << "his own oldest makes room";
  EXPECT_EQ(socket_of(client(1, 0)), kNone);
  for (std::uint8_t i = 0; i < 10; ++i) {
    ASSERT_TRUE(mappings->use(session(i), remote(1), 30s, Time(121s))) << "sessions are nobody's";
  }
}

TEST_F(UdpMappingsTest, UnlessToldOtherwiseOneClientGetsHalf) {
  network.sockets = 6;  // fewer than were asked for
  make({.max_mappings = 100, .max_flows = 8});
  for (std::uint16_t i = 0; i < 3; ++i) ASSERT_NE(use(client(1, i), remote(1), Time(0s)), kNone);
  EXPECT_EQ(refusal(client(1, 3), remote(1), Time(1s)), DropReason::device_flow_limit);
  ASSERT_NE(use(client(1, 0), remote(2), Time(1s)), kNone) << "a fourth flow";
  EXPECT_EQ(refusal(client(1, 0), remote(3), Time(1s)), DropReason::device_flow_limit);
  for (std::uint16_t i = 0; i < 3; ++i) {
    ASSERT_NE(use(client(2, i), remote(1), Time(1s)), kNone) << "the other half is others'";
  }
  network.sockets = 1;
  make();
  EXPECT_NE(use(client(1, 1), remote(1), Time(1s)), kNone) << "of one socket there is no half";
}

TEST_F(UdpMappingsTest, FlowsAreBounded) {
  make({.max_flows = 5, .max_flows_per_client = 3});
  for (std::uint32_t i = 0; i < 3; ++i)
    ASSERT_NE(use(client(1, 1), remote(i), Time(1s * i)), kNone);
  EXPECT_EQ(refusal(client(1, 1), remote(9), Time(3s)), DropReason::device_flow_limit);
  ASSERT_NE(use(client(1, 1), remote(0), Time(3s)), kNone) << "known ones go on";
  for (std::uint32_t i = 0; i < 2; ++i) ASSERT_NE(use(client(2, 1), remote(i), Time(4s)), kNone);
  EXPECT_EQ(refusal(client(3, 1), remote(1), Time(5s)), DropReason::flow_table_full);
  EXPECT_EQ(network.is_open.size(), 2u) << "no socket was opened in vain";
  ASSERT_NE(use(client(3, 1), remote(1), Time(122s)), kNone);
  EXPECT_EQ(mappings->find(socket_of(client(1, 1)), remote(1), Time(122s)), kNone)
      << "the one that was idle longest has gone";
}

TEST_F(UdpMappingsTest, AtItsBoundAClientsOwnIdleFlowMakesRoom) {
  make({.max_flows = 100, .max_flows_per_client = 3});
  ASSERT_NE(use(client(2, 1), remote(1), Time(0s)), kNone);
  for (std::uint32_t i = 0; i < 3; ++i) {
    ASSERT_NE(use(client(1, 1), remote(i), Time(1s * (i + 1))), kNone);
  }
  EXPECT_EQ(refusal(client(1, 1), remote(9), Time(120s)), DropReason::device_flow_limit);
  ASSERT_NE(use(client(1, 1), remote(9), Time(121s)), kNone);
  EXPECT_EQ(mappings->find(socket_of(client(1, 1)), remote(0), Time(121s)), kNone);
  EXPECT_NE(mappings->find(socket_of(client(2, 1)), remote(1), Time(121s)), kNone)
      << "another's, though idle for longer, stays";
}

TEST_F(UdpMappingsTest, TellsWhichMappingsClosedOfThemselves) {
  network.sockets = 2;
  make({.max_mappings_per_client = 1000});
  use(client(1, 1), remote(1), Time(0s));
  use(client(1, 1), remote(2), Time(0s));
  use(client(1, 2), remote(1, 53), Time(0s));
  use(client(1, 3), remote(1), Time(10s));  // DNS makes room
  EXPECT_EQ(over.owners, std::vector{client(1, 2)});
  use(client(1, 4), remote(1), Time(120s));
  EXPECT_EQ(over.owners, (std::vector{client(1, 2), client(1, 1)}));
  mappings->close(socket_of(client(1, 3)));
  EXPECT_EQ(over.owners.size(), 2u) << "that was asked for";
  mappings->expire(Time(420s));
  EXPECT_EQ(over.owners, (std::vector{client(1, 2), client(1, 1), client(1, 4)}));
}

TEST_F(UdpMappingsTest, TheOwnersOnlyFlowMayBeTheOneThatGoes) {
  make({.max_flows = 1, .max_flows_per_client = 1000});
  use(client(1, 1), remote(1), Time(0s));
  ASSERT_NE(use(client(1, 1), remote(2), Time(200s)), kNone);
  EXPECT_EQ(network.is_open.size(), 1u);
  EXPECT_EQ(mappings->flows(), 1u);
}

TEST_F(UdpMappingsTest, WithoutASocketNothingStays) {
  make();
  network.refuse_open = DropReason::flow_table_full;
  EXPECT_EQ(refusal(client(1, 1), remote(1), Time(0s)), DropReason::flow_table_full);
  EXPECT_EQ(mappings->mappings(), 0u);
  EXPECT_EQ(mappings->flows(), 0u);
  network.refuse_open.reset();
  EXPECT_NE(use(client(1, 1), remote(1), Time(0s)), kNone);
}

TEST_F(UdpMappingsTest, ClosesItsSocketsAtItsEnd) {
  make();
  for (std::uint16_t i = 0; i < 9; ++i) use(client(1, i), remote(1, i % 2 ? 53 : 54), Time(0s));
  mappings.reset();
  EXPECT_TRUE(network.is_open.empty());
}

TEST_F(UdpMappingsTest, AfterWarmUpMemoryStaysAsItIs) {
  make();
  const auto round = [&](Time now) {
    for (std::uint16_t i = 0; i < 300; ++i) use(client(i % 7u, i), remote(i), now);
  };
  round(Time(0s));
  const std::size_t memory = mappings->memory();
  EXPECT_LT(memory / 300, 600u);
  for (int i = 1; i < 20; ++i) {
    mappings->expire(Time(1000s * i));
    ASSERT_EQ(mappings->mappings(), 0u);
    round(Time(1000s * i));
  }
  EXPECT_EQ(mappings->memory(), memory);
}

// Against a simple model: who has sent where, and when something last went through.
RC_GTEST_PROP(UdpMappingsProperty, EveryFlowIsFoundAndNoOther, ()) {
  FakeUdpNetwork network;
  Over over;
  UdpMappings mappings({}, network, over, *rc::gen::arbitrary<std::uint64_t>());
  std::map<std::pair<std::uint16_t, std::uint32_t>, Time> model;  // port of client, remote host
  const auto idle = [](std::uint32_t host) -> Duration { return host % 3 == 0 ? 30s : 5min; };
  const auto to = [](std::uint32_t host) { return remote(host, host % 3 == 0 ? 53 : 7); };
  Time now(1s);
  for (int step = 0; step < 200; ++step) {
    now += std::chrono::seconds(*rc::gen::element(0, 0, 1, 5, 29, 100));
    std::erase_if(model, [&](const auto& f) { return now - f.second >= idle(f.first.second); });
    const auto port = *rc::gen::inRange<std::uint16_t>(1, 5);
    const auto host = *rc::gen::inRange<std::uint32_t>(1, 6);
    const auto owner = client(port % 2u, port);
    switch (*rc::gen::inRange(0, 4)) {
      case 0:
      case 1:
        RC_ASSERT(mappings.use(owner, to(host), std::nullopt, now).has_value());
        model[{port, host}] = now;
        break;
      case 2: {
        const Place mapping = mappings.find(owner);
        const Place flow = mapping == kNone ? kNone : mappings.find(mapping, to(host), now);
        RC_ASSERT((flow != kNone) == model.contains({port, host}));
        if (flow != kNone) {
          mappings.touch(flow, now);
          model[{port, host}] = now;
        }
        break;
      }
      case 3: mappings.expire(now); break;
    }
  }
  mappings.expire(now);
  std::erase_if(model, [&](const auto& f) { return now - f.second >= idle(f.first.second); });
  std::set<std::uint16_t> ports;
  for (const auto& [flow, _] : model) ports.insert(flow.first);
  RC_ASSERT(mappings.flows() == model.size());
  RC_ASSERT(mappings.mappings() == ports.size());
  RC_ASSERT(network.is_open.size() == ports.size());
}

// However full it is: bounds hold, and who is refused is not because of somebody who was idle.
RC_GTEST_PROP(UdpMappingsProperty, BoundsHoldAndTheBusyStay, ()) {
  FakeUdpNetwork network;
  network.sockets = *rc::gen::inRange<std::size_t>(1, 8);
  const UdpMappingOptions options{.max_mappings_per_client = *rc::gen::inRange<std::size_t>(1, 6),
                                  .max_flows = *rc::gen::inRange<std::size_t>(1, 12),
                                  .max_flows_per_client = *rc::gen::inRange<std::size_t>(1, 9)};
  Over over;
  UdpMappings mappings(options, network, over, 7);
  std::map<std::pair<std::uint16_t, std::uint32_t>, Time> used;
  Time now(1s);
  for (int step = 0; step < 300; ++step) {
    now += std::chrono::seconds(*rc::gen::element(0, 0, 1, 3, 50, 130));
    const auto port = *rc::gen::inRange<std::uint16_t>(1, 12);
    const auto host = *rc::gen::inRange<std::uint32_t>(1, 4);
    if (mappings.use(client(port % 3u, port), remote(host), std::nullopt, now)) {
      used[{port, host}] = now;
    }
    if (*rc::gen::inRange(0, 10) == 0) mappings.expire(now);
    RC_ASSERT(mappings.mappings() <= network.sockets);
    RC_ASSERT(mappings.flows() <= options.max_flows);
    RC_ASSERT(network.is_open.size() == mappings.mappings());
    for (const auto& [flow, when] : used) {
      if (now - when >= options.evict_after) continue;
      const Place mapping = mappings.find(client(flow.first % 3u, flow.first));
      RC_ASSERT(mapping != kNone);
      RC_ASSERT(mappings.find(mapping, remote(flow.second), now) != kNone);
    }
  }
}

}  // namespace
}  // namespace oneping
