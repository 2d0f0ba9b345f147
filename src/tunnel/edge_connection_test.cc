// The edge's end, with the connector's end as its peer.
#include "tunnel/edge_connection.h"

#include <gtest/gtest.h>

#include "tunnel/peer_streams.h"
#include "tunnel/stream_signature.h"
#include "tunnel/testing/recorder.h"

namespace oneping::tunnel {
namespace {

using testing::ByteString;
using testing::FakeConnection;
using testing::some_registration;
using testing::TunnelPair;

class EdgeConnectionTest : public ::testing::TestWithParam<DatagramVersion> {
 protected:
  EdgeConnectionTest()
      : pair(GetParam() == DatagramVersion::v3 ? some_registration({kFeatureDatagramV3})
                                               : some_registration()) {}

  void register_it() {
    pair.become_ready();
    pair.settle();
    ASSERT_TRUE(pair.edge->registration());
  }
  std::optional<DropReason> send(TunnelLink& link, std::size_t size) {
    auto packet = *pool.copy(ByteString(size, 0x45));
    return link.send(packet, pair.now);
  }

  PacketPool pool;
  TunnelPair pair;
};

TEST_P(EdgeConnectionTest, TellsItsOwnerWhatTheConnectorSaid) {
  register_it();
  ASSERT_EQ(pair.edge_owner.registrations.size(), 1u);
  const auto& registration = pair.edge_owner.registrations[0];
  EXPECT_EQ(registration.tunnel_id, some_registration().tunnel_id);
  EXPECT_EQ(registration.tunnel_secret, some_registration().tunnel_secret);
  EXPECT_EQ(registration.connection_index, 2);
  EXPECT_EQ(pair.edge->link().version(), GetParam());
  ASSERT_EQ(pair.connector_owner.registered.size(), 1u);
  EXPECT_EQ(pair.connector_owner.registered[0].location, "test");
  EXPECT_EQ(pair.connector_owner.registered[0].connection_id, (Uuid{1, 2, 3}));
}

TEST_P(EdgeConnectionTest, CarriesPacketsBothWaysOnceRegistered) {
  EXPECT_EQ(send(pair.edge->link(), 20), DropReason::link_down);
  register_it();
  EXPECT_EQ(send(pair.edge->link(), 20), std::nullopt);
  EXPECT_EQ(send(pair.connector->link(), kMaxTunnelPacketSize), std::nullopt);
  pair.settle();
  ASSERT_EQ(pair.connector_owner.packets.size(), 1u);
  EXPECT_EQ(pair.connector_owner.packets[0], ByteString(20, 0x45));
  ASSERT_EQ(pair.edge_owner.packets.size(), 1u);
  EXPECT_EQ(pair.edge_owner.packets[0], ByteString(kMaxTunnelPacketSize, 0x45));
}

TEST_P(EdgeConnectionTest, TakesNoPacketBeforeRegistration) {
  pair.edge->on_ready(pair.now);
  pair.edge->on_datagram(ByteString{0x45, 0x01}, pair.now);
  EXPECT_TRUE(pair.edge_owner.packets.empty());
  EXPECT_EQ(pair.edge_owner.bad_datagrams, std::vector{DropReason::no_connection});
}

TEST_P(EdgeConnectionTest, SurvivesBadDatagrams) {
  register_it();
  pair.edge->on_datagram({}, pair.now);
  pair.edge->on_datagram(ByteString{0x77, 0x45, 0x77}, pair.now);
  EXPECT_EQ(pair.edge_owner.bad_datagrams,
            (std::vector{DropReason::malformed_datagram, DropReason::unknown_datagram}));
  EXPECT_EQ(send(pair.connector->link(), 20), std::nullopt);
  pair.settle();
  EXPECT_EQ(pair.edge_owner.packets.size(), 1u);
}

TEST_P(EdgeConnectionTest, RefusesAndStaysUnregistered) {
  pair.edge_owner.answer = RegistrationRefused{
      .cause = "no such tunnel", .should_retry = true, .retry_after = std::chrono::seconds(7)};
  pair.become_ready();
  pair.settle();
  ASSERT_EQ(pair.connector_owner.refused.size(), 1u);
  EXPECT_EQ(pair.connector_owner.refused[0].cause, "no such tunnel");
  EXPECT_TRUE(pair.connector_owner.refused[0].should_retry);
  EXPECT_EQ(pair.connector_owner.refused[0].retry_after, std::chrono::seconds(7));
  EXPECT_FALSE(pair.edge->registration());
  EXPECT_FALSE(pair.connector->is_registered());
  EXPECT_EQ(send(pair.edge->link(), 20), DropReason::link_down);
  EXPECT_TRUE(pair.edge_owner.closed.empty());
}

TEST_P(EdgeConnectionTest, PushesConfiguration) {
  register_it();
  pair.edge->push_configuration(1, R"({"a":1})");
  pair.settle();
  pair.edge->push_configuration(2, R"({"a":2})");
  pair.settle();
  const std::vector<std::pair<std::int32_t, std::string>> pushed = {{1, R"({"a":1})"},
                                                                    {2, R"({"a":2})"}};
  EXPECT_EQ(pair.connector_owner.configurations, pushed);
  for (const auto stream : {1, 5}) {
    EXPECT_TRUE(pair.quic.server().streams[stream].finished);
    EXPECT_TRUE(pair.quic.client().streams[stream].finished);
  }
}

TEST_P(EdgeConnectionTest, PushInsideTheRegistrationGoesOutAfterIt) {
  pair.edge_owner.when_asked = [](EdgeConnection& edge) { edge.push_configuration(1, "{}"); };
  register_it();
  EXPECT_EQ(pair.connector_owner.configurations.size(), 1u);
}

TEST_P(EdgeConnectionTest, PushSurvivesAConnectorThatCannotApplyIt) {
  register_it();
  pair.connector_owner.configuration_result = fail("bad JSON");
  pair.edge->push_configuration(1, "{");
  pair.settle();
  EXPECT_EQ(pair.connector_owner.configurations.size(), 1u);
  EXPECT_TRUE(pair.edge_owner.closed.empty());
  pair.connector_owner.configuration_result = {};
  pair.edge->push_configuration(1, "{}");  // version 1 is not applied yet
  pair.settle();
  EXPECT_EQ(pair.connector_owner.configurations.size(), 2u);
}

TEST_P(EdgeConnectionTest, PushWithoutAStreamOrAnAnswerHarmsNothing) {
  register_it();
  pair.quic.server().streams_allowed = 0;
  pair.edge->push_configuration(1, "{}");
  pair.quic.server().streams_allowed = 100;
  for (int version = 2; version < 20; ++version) pair.edge->push_configuration(version, "{}");
  EXPECT_LE(pair.quic.server().streams.size(), 5u);  // pushes without an answer are bounded
  for (const auto& [stream, state] : pair.quic.server().streams) {
    if (stream != 0) pair.edge->on_stream_closed(stream, pair.now);
  }
  pair.edge->run(pair.now);
  pair.edge->push_configuration(20, "{}");
  pair.settle();
  EXPECT_EQ(pair.connector_owner.configurations.back().first, 20);
  EXPECT_TRUE(pair.edge_owner.closed.empty());
}

TEST_P(EdgeConnectionTest, WhileAnswersAreOutTheNewestConfigurationWaits) {
  register_it();
  for (int version = 1; version < 20; ++version) pair.edge->push_configuration(version, "{}");
  pair.settle();
  EXPECT_EQ(pair.connector_owner.configurations.back().first, 19);
  EXPECT_LE(pair.connector_owner.configurations.size(), 5u) << "those between are of no use";
}

TEST_P(EdgeConnectionTest, DrainsWhenTheConnectorUnregisters) {
  register_it();
  pair.connector->unregister();
  pair.settle();
  EXPECT_EQ(pair.edge_owner.unregistered, 1);
  EXPECT_TRUE(pair.edge->is_draining());
  EXPECT_EQ(pair.connector_owner.unregistered, 1);
  EXPECT_EQ(send(pair.edge->link(), 20), std::nullopt) << "old flows go on";
  EXPECT_EQ(send(pair.connector->link(), 20), std::nullopt);
  pair.settle();
  EXPECT_EQ(pair.edge_owner.packets.size(), 1u);
}

TEST_P(EdgeConnectionTest, DrainsWhenTheConnectorEndsTheControlStream) {
  register_it();
  pair.edge->on_stream_data(0, {}, true, pair.now);
  pair.edge->run(pair.now);
  EXPECT_EQ(pair.edge_owner.unregistered, 1);
  EXPECT_TRUE(pair.edge_owner.closed.empty());
}

TEST_P(EdgeConnectionTest, ClosesWhenTheControlStreamEndsBeforeRegistration) {
  pair.edge->on_ready(pair.now);
  pair.edge->on_stream_data(0, {}, true, pair.now);
  pair.edge->run(pair.now);
  ASSERT_EQ(pair.edge_owner.closed.size(), 1u);
  EXPECT_TRUE(pair.quic.server().closed);
}

TEST_P(EdgeConnectionTest, ClosesOnGarbageAndSaysWhy) {
  register_it();
  pair.edge->on_stream_data(0, ByteString(64, 0xff), false, pair.now);
  pair.edge->run(pair.now);
  ASSERT_EQ(pair.edge_owner.closed.size(), 1u);
  EXPECT_NE(pair.edge_owner.closed[0].reason.find("control stream: "), std::string::npos);
  EXPECT_EQ(send(pair.edge->link(), 20), DropReason::link_down);
  pair.settle();
  ASSERT_EQ(pair.connector_owner.closed.size(), 1u);
  EXPECT_EQ(pair.connector_owner.closed[0].kind, quic::CloseKind::peer);
}

TEST_P(EdgeConnectionTest, BoundsWhatAStrangerMaySend) {
  pair.edge->on_ready(pair.now);
  // A sound beginning of a message of 8 MB that never ends.
  pair.edge->on_stream_data(0, ByteString{0, 0, 0, 0, 0, 0, 0x10, 0}, false, pair.now);
  pair.edge->run(pair.now);
  EXPECT_EQ(pair.edge_owner.closed.size(), 1u) << "a message too large is not waited for";
}

TEST_P(EdgeConnectionTest, BoundsWhatAStreamBringsInItsLife) {
  register_it();
  // Empty messages of one word, which ask for nothing, without end.
  ByteString message(16, 0);
  message[4] = 1;
  std::size_t sent = 0;
  for (; sent < (8u << 20) && pair.edge_owner.closed.empty(); sent += message.size()) {
    pair.edge->on_stream_data(0, message, false, pair.now);
    if (sent % 4096 == 0) pair.edge->run(pair.now);
  }
  ASSERT_EQ(pair.edge_owner.closed.size(), 1u);
}

TEST_P(EdgeConnectionTest, ResetsStreamsItHasNoUseFor) {
  const auto send_on = [this](quic::StreamId stream, Bytes bytes, bool fin) {
    pair.edge->on_stream_data(stream, bytes, fin, pair.now);
    pair.edge->run(pair.now);
    return pair.quic.server().streams[stream].reset;
  };
  EXPECT_TRUE(send_on(4, kRpcSignature, false)) << "before registration";
  register_it();
  EXPECT_TRUE(send_on(8, ByteString(6, 0x11), false)) << "unknown";
  EXPECT_TRUE(send_on(12, kDataSignature, false)) << "data";
  EXPECT_TRUE(send_on(16, Bytes(kRpcSignature).first(5), true)) << "cut short";
  EXPECT_FALSE(send_on(20, kRpcSignature, false));
  EXPECT_TRUE(send_on(20, ByteString(32, 0xff), false)) << "garbage after the signature";
  EXPECT_TRUE(pair.edge_owner.closed.empty());
  EXPECT_EQ(send(pair.edge->link(), 20), std::nullopt);
}

TEST_P(EdgeConnectionTest, BoundsTheStreamsOfAPeer) {
  register_it();
  int reset = 0;
  for (quic::StreamId stream = 4; stream < 4 * 201; stream += 4) {
    pair.edge->on_stream_data(stream, Bytes(kRpcSignature).first(1), false, pair.now);
    reset += pair.quic.server().streams[stream].reset ? 1 : 0;
  }
  EXPECT_EQ(reset, static_cast<int>(200 - PeerStreams::kMaxStreams));
  pair.edge->on_stream_closed(4, pair.now);
  pair.edge->on_stream_data(804, kRpcSignature, false, pair.now);
  EXPECT_FALSE(pair.quic.server().streams[804].reset) << "a closed stream makes room";
}

TEST_P(EdgeConnectionTest, CloseIsSilentForItsOwner) {
  register_it();
  pair.edge->push_configuration(1, "{}");
  pair.edge->close("replaced");
  pair.edge->close("twice");
  pair.edge->push_configuration(2, "{}");
  pair.settle();
  EXPECT_TRUE(pair.edge_owner.closed.empty());
  ASSERT_EQ(pair.connector_owner.closed.size(), 1u);
  EXPECT_EQ(pair.connector_owner.closed[0].reason, "replaced");
}

TEST_P(EdgeConnectionTest, MayBeClosedInsideItsOwnEvent) {
  pair.edge_owner.when_asked = [](EdgeConnection& edge) { edge.close("not you"); };
  pair.become_ready();
  pair.settle();
  ASSERT_EQ(pair.connector_owner.closed.size(), 1u);
  EXPECT_EQ(pair.connector_owner.closed[0].reason, "not you");
  EXPECT_TRUE(pair.connector_owner.registered.empty());
}

// A registration may replace an older connection: the owner closes and destroys that one from
// inside the newer one's event, while the RPC loop that they share is at work.
TEST_P(EdgeConnectionTest, MayBeDestroyedInsideAnothersEvent) {
  auto older = std::make_unique<TunnelPair>();
  older->become_ready();
  older->settle();
  older->edge->push_configuration(1, "{}");
  older->connector->unregister();
  pair.edge_owner.when_asked = [&older](EdgeConnection&) {
    older->edge->close("replaced");
    older->edge.reset();
  };
  pair.become_ready();
  pair.settle();
  EXPECT_EQ(older->edge, nullptr);
  EXPECT_TRUE(pair.edge->registration());
}

TEST_P(EdgeConnectionTest, EndsWithItsQuicConnection) {
  register_it();
  pair.edge->push_configuration(1, "{}");
  pair.edge->on_closed({quic::CloseKind::idle_timeout, 0, "silence"}, pair.now);
  pair.quic.server().end();  // from here on the fake stops the program at any use
  pair.edge->run(pair.now);
  pair.edge->push_configuration(2, "{}");
  EXPECT_EQ(send(pair.edge->link(), 20), DropReason::link_down);
  EXPECT_EQ(pair.edge->link().max_packet_size(), 0u);
  pair.edge->close("late");
  ASSERT_EQ(pair.edge_owner.closed.size(), 1u);
  EXPECT_EQ(pair.edge_owner.closed[0].kind, quic::CloseKind::idle_timeout);
}

INSTANTIATE_TEST_SUITE_P(BothFormats, EdgeConnectionTest,
                         ::testing::Values(DatagramVersion::v2, DatagramVersion::v3));

}  // namespace
}  // namespace oneping::tunnel
