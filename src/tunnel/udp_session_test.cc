// UDP sessions between the two ends, in both versions.
#include "tunnel/udp_session.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tunnel/testing/recorder.h"

namespace oneping::tunnel {
namespace {

using namespace std::chrono_literals;
using testing::ByteString;
using testing::some_registration;
using testing::TunnelPair;

constexpr Uuid kId = {1, 2, 3, 4, 5};
const SocketAddress kDns = *SocketAddress::parse("172.16.10.120:53");
const SocketAddress kDnsV6 = *SocketAddress::parse("[fd00:10::120]:53");

class UdpSessionTest : public ::testing::TestWithParam<DatagramVersion> {
 protected:
  UdpSessionTest()
      : pair(GetParam() == DatagramVersion::v3 ? some_registration({kFeatureDatagramV3})
                                               : some_registration()) {
    pair.become_ready();
    pair.settle();
  }
  [[nodiscard]] bool is_v3() const { return GetParam() == DatagramVersion::v3; }
  void ask(const UdpRegistration& registration) {
    ASSERT_TRUE(pair.edge->register_udp(registration, pair.now));
    settle();
  }
  // Calls are begun, carried and answered in turns of their own.
  void settle() {
    for (int i = 0; i < 8; ++i) pair.turn();
  }
  std::optional<DropReason> send(TunnelLink& link, const ByteString& payload) {
    auto packet = *pair.pool.copy(payload);
    return link.send_udp(kId, packet, pair.now);
  }

  TunnelPair pair;
};

INSTANTIATE_TEST_SUITE_P(Versions, UdpSessionTest,
                         ::testing::Values(DatagramVersion::v2, DatagramVersion::v3),
                         [](const auto& p) {
                           return p.param == DatagramVersion::v2 ? "v2" : "v3";
                         });

TEST_P(UdpSessionTest, TheConnectorHearsWhatTheEdgeAsksFor) {
  for (const auto& destination : {kDns, kDnsV6}) {
    ask({.id = kId, .destination = destination, .idle = 30s});
    ASSERT_FALSE(pair.connector_owner.udp_registrations.empty());
    const auto& asked = pair.connector_owner.udp_registrations.back();
    EXPECT_EQ(asked.id, kId);
    EXPECT_EQ(asked.destination, destination);
    EXPECT_EQ(asked.idle, 30s);
    ASSERT_FALSE(pair.edge_owner.udp_answers.empty());
    EXPECT_EQ(pair.edge_owner.udp_answers.back().first, kId);
    EXPECT_EQ(pair.edge_owner.udp_answers.back().second.result, UdpResult::ok);
  }
}

TEST_P(UdpSessionTest, ARefusalSaysWhy) {
  pair.connector_owner.udp_answer = {UdpResult::error, "not there"};
  ask({.id = kId, .destination = kDns});
  ASSERT_EQ(pair.edge_owner.udp_answers.size(), 1u);
  EXPECT_EQ(pair.edge_owner.udp_answers[0].second.result, UdpResult::error);
  EXPECT_EQ(pair.edge_owner.udp_answers[0].second.error, "not there");
  pair.connector_owner.udp_answer = {UdpResult::too_many_flows, "too many"};
  ask({.id = kId, .destination = kDns});
  EXPECT_EQ(pair.edge_owner.udp_answers[1].second.result,
            is_v3() ? UdpResult::too_many_flows : UdpResult::error);
}

TEST_P(UdpSessionTest, PayloadsGoBothWays) {
  EXPECT_EQ(send(pair.edge->link(), {1, 2, 3}), std::nullopt);
  EXPECT_EQ(send(pair.edge->link(), {}), std::nullopt);
  EXPECT_EQ(send(pair.connector->link(), ByteString(kMaxSessionPayload, 7)), std::nullopt);
  EXPECT_EQ(send(pair.connector->link(), ByteString(kMaxSessionPayload + 1, 7)),
            DropReason::too_big);
  settle();
  using Payloads = std::vector<std::pair<Uuid, ByteString>>;
  EXPECT_EQ(pair.connector_owner.udp_payloads, (Payloads{{kId, {1, 2, 3}}, {kId, {}}}));
  EXPECT_EQ(pair.edge_owner.udp_payloads, (Payloads{{kId, ByteString(kMaxSessionPayload, 7)}}));
}

TEST_P(UdpSessionTest, APayloadThatDoesNotFitThePathIsLeftAlone) {
  pair.quic.server().max_datagram = 1200;
  EXPECT_EQ(pair.edge->link().max_udp_payload(), 1200 - udp_payload_overhead(GetParam()));
  auto packet = *pair.pool.copy(ByteString(1200, 5));
  EXPECT_EQ(pair.edge->link().send_udp(kId, packet, pair.now), DropReason::too_big);
  EXPECT_EQ(ByteString(packet.bytes().begin(), packet.bytes().end()), ByteString(1200, 5));
}

TEST_P(UdpSessionTest, TheFirstPayloadComesAlongInV3) {
  const ByteString first = {9, 8, 7};
  ask({.id = kId, .destination = kDns, .idle = 30s, .has_payload = true, .payload = first});
  ASSERT_EQ(pair.connector_owner.udp_registrations.size(), 1u);
  if (!is_v3()) {
    EXPECT_TRUE(pair.connector_owner.udp_payloads.empty());
    return;
  }
  ASSERT_EQ(pair.connector_owner.udp_payloads.size(), 1u);
  EXPECT_EQ(pair.connector_owner.udp_payloads[0].second, first);
  pair.connector_owner.udp_answer = {UdpResult::too_many_flows, {}};
  ask({.id = kId, .destination = kDns, .idle = 30s, .has_payload = true, .payload = first});
  EXPECT_EQ(pair.connector_owner.udp_payloads.size(), 1u) << "no payload of what was refused";
}

TEST_P(UdpSessionTest, EachEndHearsOfTheOthersEndInV2) {
  pair.edge->end_udp(kId, "idle");
  pair.connector->end_udp(kId, "idle");
  settle();
  const std::vector<Uuid> expected = is_v3() ? std::vector<Uuid>{} : std::vector<Uuid>{kId};
  EXPECT_EQ(pair.connector_owner.udp_ends, expected);
  EXPECT_EQ(pair.edge_owner.udp_ends, expected);
}

TEST_P(UdpSessionTest, ManyAtOnceAreAllAnswered) {
  for (std::uint8_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(pair.edge->register_udp({.id = {i}, .destination = kDns}, pair.now));
  }
  for (int i = 0; i < 200; ++i) pair.turn();
  EXPECT_EQ(pair.connector_owner.udp_registrations.size(), 100u);
  EXPECT_EQ(pair.edge_owner.udp_answers.size(), 100u);
  const auto& streams = pair.quic.server().streams;
  const auto of_calls = std::ranges::count_if(streams, [](const auto& s) { return s.first != 0; });
  EXPECT_EQ(of_calls, is_v3() ? 0 : 100);
  for (const auto& [id, stream] : streams) {
    if (id != 0) EXPECT_TRUE(stream.finished) << id;
  }
}

TEST_P(UdpSessionTest, WithoutStreamsOrAnswersTheEdgeGivesUpInTime) {
  if (is_v3()) GTEST_SKIP() << "there the owner asks again";
  pair.quic.server().streams_allowed = 3;
  for (std::uint8_t i = 0; i < 5; ++i) {
    ASSERT_TRUE(pair.edge->register_udp({.id = {i}, .destination = kDns}, pair.now));
  }
  for (int i = 0; i < 600; ++i) {  // the connector never runs
    pair.edge->run(pair.now);
    pair.now += 10ms;
  }
  ASSERT_EQ(pair.edge_owner.udp_answers.size(), 3u);
  EXPECT_EQ(pair.edge_owner.udp_answers[0].second.result, UdpResult::error);
  pair.quic.server().streams_allowed = 100;
  for (int i = 0; i < 600; ++i) {
    pair.edge->run(pair.now);
    pair.now += 10ms;
  }
  EXPECT_EQ(pair.edge_owner.udp_answers.size(), 5u) << "what waited had its turn";
}

TEST_P(UdpSessionTest, ARegistrationThatIsEndedBeforeItsTurnIsNeverMade) {
  if (is_v3()) GTEST_SKIP() << "a datagram does not wait for its turn";
  pair.quic.server().streams_allowed = 0;
  for (std::uint8_t i = 1; i <= 3; ++i) {
    ASSERT_TRUE(pair.edge->register_udp({.id = {i}, .destination = kDns}, pair.now));
  }
  settle();
  pair.edge->end_udp({2}, "nobody waits for it");
  pair.quic.server().streams_allowed = 100;
  settle();
  ASSERT_EQ(pair.connector_owner.udp_registrations.size(), 2u);
  EXPECT_EQ(pair.connector_owner.udp_registrations[0].id, Uuid{1});
  EXPECT_EQ(pair.connector_owner.udp_registrations[1].id, Uuid{3});
  EXPECT_TRUE(pair.connector_owner.udp_ends.empty());
  pair.edge->end_udp({1}, "idle");
  settle();
  EXPECT_EQ(pair.connector_owner.udp_ends, std::vector<Uuid>{{1}});
}

TEST_P(UdpSessionTest, RegistrationsDoNotWaitForEnds) {
  if (is_v3()) GTEST_SKIP() << "there are no calls";
  pair.quic.server().streams_allowed = 0;
  for (std::uint8_t i = 10; i < 50; ++i) pair.edge->end_udp({i}, "idle");
  ASSERT_TRUE(pair.edge->register_udp({.id = kId, .destination = kDns}, pair.now));
  pair.quic.server().streams_allowed = 1;
  settle();
  EXPECT_EQ(pair.connector_owner.udp_registrations.size(), 1u);
  EXPECT_TRUE(pair.connector_owner.udp_ends.empty());
  pair.quic.server().streams_allowed = 100;
  for (int i = 0; i < 50; ++i) pair.turn();
  EXPECT_EQ(pair.connector_owner.udp_ends.size(), 40u) << "but they come";
}

TEST_P(UdpSessionTest, ManyCallsAreUnderWayTogether) {
  if (is_v3()) GTEST_SKIP() << "there are no calls";
  for (std::uint8_t i = 0; i < 60; ++i) {
    ASSERT_TRUE(pair.edge->register_udp({.id = {i}, .destination = kDns}, pair.now));
  }
  pair.edge->run(pair.now);
  EXPECT_GE(pair.quic.server().streams.size(), 24u);
  for (int i = 0; i < 50; ++i) pair.turn();
  EXPECT_EQ(pair.edge_owner.udp_answers.size(), 60u);
  for (const auto& [_, answer] : pair.edge_owner.udp_answers) {
    EXPECT_EQ(answer.result, UdpResult::ok) << answer.error;
  }
}

TEST_P(UdpSessionTest, NothingBeforeRegistrationAndNothingAfterTheEnd) {
  TunnelPair young;
  EXPECT_FALSE(young.edge->register_udp({.id = kId, .destination = kDns}, young.now));
  young.connector->end_udp(kId, "idle");
  young.edge->end_udp(kId, "idle");
  pair.edge->close("over");
  EXPECT_FALSE(pair.edge->register_udp({.id = kId, .destination = kDns}, pair.now));
  EXPECT_EQ(send(pair.edge->link(), {1}), DropReason::link_down);
}

TEST_P(UdpSessionTest, AConnectionThatEndsForgetsItsCalls) {
  for (std::uint8_t i = 0; i < 20; ++i) {
    ASSERT_TRUE(pair.edge->register_udp({.id = {i}, .destination = kDns}, pair.now));
    pair.connector->end_udp({i}, "idle");
  }
  pair.edge->run(pair.now);
  pair.connector->run(pair.now);
  pair.edge->close("over");
  settle();
  EXPECT_FALSE(pair.connector_owner.closed.empty());
}

// Only the edge registers, only the connector responds.
TEST_P(UdpSessionTest, WhatComesTheWrongWayIsUnknown) {
  if (!is_v3()) GTEST_SKIP() << "v2 has no datagrams for it";
  auto registration = *make_udp_registration(pair.pool, {.id = kId, .destination = kDns});
  pair.edge->on_datagram(registration.bytes(), pair.now);
  EXPECT_EQ(pair.edge_owner.bad_datagrams, std::vector{DropReason::unknown_datagram});
  auto response = *make_udp_response(pair.pool, {kId, UdpResult::ok, {}});
  pair.connector->on_datagram(response.bytes(), pair.now);
  EXPECT_EQ(pair.connector_owner.bad_datagrams, std::vector{DropReason::unknown_datagram});
  EXPECT_TRUE(pair.connector_owner.udp_registrations.empty());
}

TEST_P(UdpSessionTest, CutDatagramsAreMalformed) {
  const ByteString cut = is_v3() ? ByteString{0, 0, 1} : ByteString{1, 2, 0};
  pair.edge->on_datagram(cut, pair.now);
  pair.connector->on_datagram(cut, pair.now);
  EXPECT_EQ(pair.edge_owner.bad_datagrams, std::vector{DropReason::malformed_datagram});
  EXPECT_EQ(pair.connector_owner.bad_datagrams, std::vector{DropReason::malformed_datagram});
}

}  // namespace
}  // namespace oneping::tunnel
