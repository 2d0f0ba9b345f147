// Sessions between a client's packets and two connectors of one tunnel, which answer when the test
// says so.
#include "edge/udp_sessions.h"

#include <gtest/gtest.h>

#include <memory>

#include "test/support/packet_builder.h"
#include "tunnel/testing/recorder.h"

namespace oneping::edge {
namespace {

using namespace std::chrono_literals;
using test::ByteVector;
using test::PacketBuilder;
using test::pattern;
using tunnel::DatagramVersion;
using tunnel::testing::some_registration;
using tunnel::testing::TunnelPair;

struct Events final : UdpSessionEvents {
  void on_session_packet(LiveConnection&, Packet, Time) override { ++packets; }
  bool on_session_refused(const FlowKey&, const IpView&, DropReason reason, Time) override {
    refused.push_back(reason);
    return true;
  }
  int packets = 0;
  std::vector<DropReason> refused;
};

tunnel::Registration of_connector(std::uint8_t number, DatagramVersion version) {
  auto features = to_features(tunnel::Announcement{.udp = tunnel::UdpCarriage::sessions});
  if (version == DatagramVersion::v3) features.emplace_back(tunnel::kFeatureDatagramV3);
  auto registration = some_registration(std::move(features));
  registration.connector_id = {number};
  return registration;
}

struct Case {
  DatagramVersion version;
  const char* client;
  const char* other;
  const char* origin;
};

class UdpSessionsTest : public testing::TestWithParam<Case> {
 protected:
  static constexpr std::size_t kMaxSessions = 20;
  static constexpr std::size_t kMaxWaiting = 40;

  UdpSessionsTest() {
    Routing routing;
    routing.tunnels.push_back(std::make_shared<TunnelConfig>(TunnelConfig{.name = "t", .id = {1}}));
    tunnels.configure(routing);
    for (std::uint8_t i = 0; i < 2; ++i) {
      pairs.push_back(std::make_unique<TunnelPair>(of_connector(i, GetParam().version)));
      pairs[i]->become_ready();
      settle();
      at.push_back(tunnels.add(*tunnels.find_tunnel({1}), *pairs[i]->edge->registration(),
                               *pairs[i]->edge, now));
    }
  }
  void TearDown() override { EXPECT_EQ(sessions.counters().held(), sessions.waiting()); }
  static bool is_v3() { return GetParam().version == DatagramVersion::v3; }

  void settle() {
    for (int i = 0; i < 8; ++i) {
      for (const auto& pair : pairs) pair->turn();
    }
  }
  void pass(Duration duration) {
    for (const Time end = now + duration; now < end; now += 50ms) {
      sessions.on_time(now);
      settle();
    }
  }
  std::optional<DropReason> send(std::uint16_t port, const ByteVector& payload,
                                 std::size_t connector = 0, const char* client = nullptr) {
    const auto bytes =
        PacketBuilder(client == nullptr ? GetParam().client : client, GetParam().origin)
            .udp(port, 123, payload)
            .build();
    auto packet = *pool.copy(bytes);
    const auto flow = *flow_of_request(*IpView::parse(bytes));
    const auto refusal = sessions.send(flow, at[connector], packet, now);
    settle();
    return refusal;
  }
  LiveConnection& live(std::size_t connector) { return *tunnels.connections().find(at[connector]); }
  [[nodiscard]] const auto& asked(std::size_t connector) const {
    return pairs[connector]->connector_owner.udp_registrations;
  }
  [[nodiscard]] std::vector<ByteVector> arrived(std::size_t connector) const {
    std::vector<ByteVector> payloads;
    for (const auto& [_, bytes] : pairs[connector]->connector_owner.udp_payloads) {
      payloads.emplace_back(bytes.begin(), bytes.end());
    }
    return payloads;
  }
  void answer(std::size_t connector, tunnel::UdpResult result = tunnel::UdpResult::ok) {
    sessions.on_answer(live(connector), asked(connector).back().id, {result, {}}, now);
    settle();
  }

  Time now{1s};
  PacketPool pool;
  SeededRandom random{1};
  Events events;
  TunnelTable tunnels;
  std::vector<std::unique_ptr<TunnelPair>> pairs;
  std::vector<ConnectionRef> at;
  UdpSessions sessions{
      {.max_sessions = kMaxSessions, .max_waiting = kMaxWaiting}, tunnels, pool, random, events};
};

INSTANTIATE_TEST_SUITE_P(
    Versions, UdpSessionsTest,
    testing::Values(
        Case{DatagramVersion::v2, "100.96.0.1", "100.96.0.2", "172.16.10.120"},
        Case{DatagramVersion::v3, "100.96.0.1", "100.96.0.2", "172.16.10.120"},
        Case{DatagramVersion::v2, "fd00:100:96::1", "fd00:100:96::2", "fd00:172:16:10::120"},
        Case{DatagramVersion::v3, "fd00:100:96::1", "fd00:100:96::2", "fd00:172:16:10::120"}),
    [](const auto& p) {
      return std::string(p.param.version == DatagramVersion::v2 ? "v2" : "v3") +
             (p.param.client[0] == 'f' ? "_v6" : "_v4");
    });

TEST_P(UdpSessionsTest, AnEndFromAConnectionThatItHasLeftChangesNothing) {
  ASSERT_EQ(send(4000, {1}, 0), std::nullopt);
  answer(0);
  ASSERT_EQ(send(4000, {2}, 1), std::nullopt);
  answer(1);
  const Uuid id = asked(1).back().id;
  EXPECT_EQ(id, asked(0).back().id);
  EXPECT_EQ(pairs[0]->connector_owner.udp_ends, is_v3() ? std::vector<Uuid>{} : std::vector{id})
      << "v2 has words for the move";
  sessions.on_end(live(0), id, now);
  EXPECT_EQ(sessions.size(), 1u);
  ASSERT_EQ(send(4000, {3}, 1), std::nullopt);
  EXPECT_EQ(arrived(1), (std::vector<ByteVector>{{2}, {3}}));
  sessions.on_end(live(1), id, now);
  EXPECT_EQ(sessions.size(), 0u);
}

TEST_P(UdpSessionsTest, AFirstPayloadThatFitsWithoutItsRegistrationAloneWaitsForTheAnswer) {
  pairs[0]->quic.server().max_datagram = 1200;
  const std::size_t largest = pairs[0]->edge->link().max_udp_payload();
  std::uint16_t port = 4000;
  for (std::size_t size = largest - 30; size <= largest; ++size) {
    const ByteVector payload = pattern(size);
    pairs[0]->connector_owner.udp_payloads.clear();
    ASSERT_EQ(send(port++, payload), std::nullopt);
    ASSERT_EQ(asked(0).size(), port - 4000u) << size;
    answer(0);
    EXPECT_EQ(arrived(0), std::vector<ByteVector>{payload}) << size;
    sessions.on_end(live(0), asked(0).back().id, now);
  }
}

TEST_P(UdpSessionsTest, WhatCameAlongIsNotSentAgain) {
  ASSERT_EQ(send(4000, {1}), std::nullopt);
  ASSERT_EQ(send(4000, {2}), std::nullopt);
  EXPECT_EQ(arrived(0), is_v3() ? std::vector<ByteVector>{{1}} : std::vector<ByteVector>{});
  pass(1s);
  EXPECT_EQ(asked(0).size(), is_v3() ? 3u : 1u) << "a call is not repeated";
  for (std::size_t i = 1; i < asked(0).size(); ++i) EXPECT_FALSE(asked(0)[i].has_payload);
  answer(0);
  answer(0);
  EXPECT_EQ(arrived(0), (std::vector<ByteVector>{{1}, {2}}));
}

TEST_P(UdpSessionsTest, AClientTakesNoMoreThanHalfOfTheSessions) {
  for (std::uint16_t i = 0; i < kMaxSessions / 2; ++i) {
    ASSERT_EQ(send(static_cast<std::uint16_t>(4000 + i), {1}), std::nullopt);
    answer(0);
  }
  EXPECT_EQ(send(5000, {1}), DropReason::device_flow_limit);
  EXPECT_EQ(sessions.counters().dropped(DropReason::device_flow_limit), 1u);
  EXPECT_EQ(send(4000, {2}), std::nullopt) << "what he has is his";
  for (std::uint16_t i = 0; i < kMaxSessions / 2; ++i) {
    ASSERT_EQ(send(static_cast<std::uint16_t>(4000 + i), {1}, 0, GetParam().other), std::nullopt);
    answer(0);
  }
  EXPECT_EQ(sessions.size(), kMaxSessions);
  now += 2min;
  sessions.on_time(now);
  EXPECT_EQ(send(4999, {1}, 0, GetParam().other), std::nullopt) << "his own idle one makes room";
  EXPECT_EQ(sessions.size(), kMaxSessions);
  sessions.on_end(live(0), asked(0).front().id, now);
  EXPECT_EQ(send(5000, {1}), std::nullopt) << "and there is a place again";
}

TEST_P(UdpSessionsTest, AClientTakesNoMoreThanHalfOfThePlacesToWaitIn) {
  for (std::uint8_t i = 0; i < kMaxWaiting / 2; ++i) {
    ASSERT_EQ(send(4000 + i % 4, {i}), std::nullopt);
  }
  EXPECT_EQ(send(4000, {1}), DropReason::queue_full);
  EXPECT_EQ(send(5000, {1}), DropReason::queue_full);
  for (std::uint8_t i = 0; i < kMaxWaiting / 2; ++i) {
    ASSERT_EQ(send(4000, {i}, 0, GetParam().other), std::nullopt);
  }
  EXPECT_EQ(sessions.waiting(), kMaxWaiting);
  answer(0);  // the other's
  EXPECT_EQ(sessions.waiting(), kMaxWaiting / 2);
  EXPECT_EQ(send(4000, {1}), DropReason::queue_full) << "his half is still full";
  pass(20s);
  EXPECT_EQ(sessions.waiting(), 0u);
  EXPECT_EQ(events.refused.size(), kMaxWaiting / 2);
  EXPECT_EQ(send(6000, {1}), std::nullopt) << "nothing of it is left";
}

TEST_P(UdpSessionsTest, WhatIsOpenedForNobodyIsEnded) {
  ASSERT_EQ(send(4000, {1}), std::nullopt);
  const Uuid id = asked(0).back().id;
  sessions.on_end(live(0), id, now);
  EXPECT_TRUE(pairs[0]->connector_owner.udp_ends.empty());
  answer(0, tunnel::UdpResult::error);
  EXPECT_TRUE(pairs[0]->connector_owner.udp_ends.empty());
  answer(0);
  EXPECT_EQ(pairs[0]->connector_owner.udp_ends, is_v3() ? std::vector<Uuid>{} : std::vector{id});
}

TEST_P(UdpSessionsTest, ACallThatHasNotBegunWhenItsSessionIsGivenUpNeverBegins) {
  if (is_v3()) GTEST_SKIP() << "registration is by datagram";
  pairs[0]->quic.server().streams_allowed = 0;
  ASSERT_EQ(send(4000, {1}), std::nullopt);
  pass(10s);
  EXPECT_EQ(events.refused, std::vector{DropReason::no_connection});
  EXPECT_EQ(sessions.size(), 0u);
  pairs[0]->quic.server().streams_allowed = 100;
  settle();
  EXPECT_TRUE(asked(0).empty());
}

}  // namespace
}  // namespace oneping::edge
