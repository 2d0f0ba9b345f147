// The connector's end, with the edge's end as its peer, and the lives of both.
#include "tunnel/connector_connection.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "tunnel/stream_signature.h"
#include "tunnel/testing/recorder.h"

namespace oneping::tunnel {
namespace {

using testing::ByteString;
using testing::some_registration;
using testing::TunnelPair;

class ConnectorConnectionTest : public ::testing::Test {
 protected:
  void register_it() {
    pair.become_ready();
    pair.settle();
    ASSERT_TRUE(pair.connector->is_registered());
  }

  TunnelPair pair;
};

TEST_F(ConnectorConnectionTest, RegistersOnTheFirstStreamWithoutPreamble) {
  pair.connector->on_ready(pair.now);
  pair.connector->run(pair.now);
  const auto& control = pair.quic.client().streams.at(0);
  // One segment; root struct rpc.Message with tag 8, bootstrap.
  ASSERT_GT(control.written.size(), 24u);
  EXPECT_EQ(load_be32(control.written.data()), 0u);
  EXPECT_EQ(control.written[16], 8u);
  EXPECT_FALSE(pair.connector->is_registered());
}

TEST_F(ConnectorConnectionTest, GivesUpWithoutAControlStream) {
  pair.quic.client().streams_allowed = 0;
  pair.connector->on_ready(pair.now);
  ASSERT_EQ(pair.connector_owner.closed.size(), 1u);
  EXPECT_TRUE(pair.quic.client().closed);
}

TEST_F(ConnectorConnectionTest, RegistersWhateverTheStreamIsCutInto) {
  for (const std::size_t piece : {1u, 3u, 7u, 64u}) {
    TunnelPair cut;
    cut.become_ready();
    cut.settle(piece);
    cut.edge->push_configuration(1, "{}");
    cut.settle(piece);
    EXPECT_TRUE(cut.connector->is_registered());
    EXPECT_EQ(cut.connector_owner.configurations.size(), 1u);
  }
}

TEST_F(ConnectorConnectionTest, AppliesOnlyNewerConfigurations) {
  register_it();
  for (const int version : {3, 3, 2, 4}) {
    pair.edge->push_configuration(version, "{}");
    pair.settle();
  }
  ASSERT_EQ(pair.connector_owner.configurations.size(), 2u);
  EXPECT_EQ(pair.connector_owner.configurations[0].first, 3);
  EXPECT_EQ(pair.connector_owner.configurations[1].first, 4);
}

TEST_F(ConnectorConnectionTest, UnregistersBeforeItIsRegistered) {
  pair.connector->unregister();
  pair.connector->run(pair.now);
  EXPECT_EQ(pair.connector_owner.unregistered, 1);
}

TEST_F(ConnectorConnectionTest, UnregistersOnce) {
  register_it();
  pair.connector->unregister();
  pair.connector->unregister();
  pair.settle();
  EXPECT_EQ(pair.connector_owner.unregistered, 1);
  EXPECT_EQ(pair.edge_owner.unregistered, 1);
}

TEST_F(ConnectorConnectionTest, TakesNoPacketBeforeRegistration) {
  pair.connector->on_ready(pair.now);
  pair.connector->on_datagram(ByteString{0x45, 0x01}, pair.now);
  EXPECT_EQ(pair.connector_owner.bad_datagrams, std::vector{DropReason::no_connection});
}

TEST_F(ConnectorConnectionTest, ResetsStreamsOfAnUnknownKind) {
  register_it();
  pair.connector->on_stream_data(1, ByteString(6, 0x11), false, pair.now);
  EXPECT_TRUE(pair.quic.client().streams.at(1).reset);
  pair.connector->on_stream_data(1, kRpcSignature, true, pair.now);  // still under way
  EXPECT_TRUE(pair.connector_owner.closed.empty());
}

TEST_F(ConnectorConnectionTest, LivesOnWhenARegisteredEdgeEndsTheControlStream) {
  register_it();
  pair.connector->on_stream_data(0, {}, true, pair.now);
  pair.connector->run(pair.now);
  EXPECT_TRUE(pair.connector->is_registered());
  EXPECT_TRUE(pair.connector_owner.closed.empty());
  pair.connector->unregister();
  pair.connector->run(pair.now);
  EXPECT_EQ(pair.connector_owner.unregistered, 1) << "there is nobody to ask";
}

TEST_F(ConnectorConnectionTest, RefusedWhenTheEdgeEndsTheControlStreamUnanswered) {
  pair.connector->on_ready(pair.now);
  pair.connector->on_stream_data(0, {}, true, pair.now);
  pair.connector->run(pair.now);
  ASSERT_EQ(pair.connector_owner.refused.size(), 1u);
  EXPECT_TRUE(pair.connector_owner.refused[0].should_retry);
}

TEST_F(ConnectorConnectionTest, ClosesOnGarbage) {
  register_it();
  pair.connector->on_stream_data(0, ByteString(64, 0xff), false, pair.now);
  pair.connector->run(pair.now);
  ASSERT_EQ(pair.connector_owner.closed.size(), 1u);
  EXPECT_TRUE(pair.quic.client().closed);
  pair.settle();
  ASSERT_EQ(pair.edge_owner.closed.size(), 1u);
}

// Destroys one end, or both, or ends QUIC under them, after every number of turns of a whole
// session: registration, a push each way, unregistering. The sanitizer and the fake connection see
// what is used too late.
struct Ending {
  const char* name;
  std::function<void(TunnelPair&)> end;
};

class EndingTest : public ::testing::TestWithParam<Ending> {};

TEST_P(EndingTest, IsSafeAtEveryStepOfASession) {
  for (int last = 0; last < 24; ++last) {
    TunnelPair pair;
    pair.become_ready();
    for (int turn = 0; turn < last; ++turn) {
      if (turn == 6) pair.edge->push_configuration(1, "{}");
      if (turn == 12) {
        pair.connector->unregister();
        pair.edge->push_configuration(2, "{}");
      }
      pair.turn(40);
    }
    GetParam().end(pair);
  }
}

TEST_P(EndingTest, IsSafeBetweenRunAndDelivery) {
  for (int last = 0; last < 16; ++last) {
    TunnelPair pair;
    pair.become_ready();
    for (int turn = 0; turn < last; ++turn) pair.turn();
    pair.connector->unregister();
    pair.edge->push_configuration(1, "{}");
    pair.quic.deliver(pair.now, 100);
    GetParam().end(pair);
  }
}

const quic::CloseInfo kSilence{quic::CloseKind::idle_timeout, 0, "silence"};

INSTANTIATE_TEST_SUITE_P(
    AnyOrder, EndingTest,
    ::testing::Values(Ending{"Destroyed", [](TunnelPair&) {}},
                      Ending{"EdgeFirst", [](TunnelPair& pair) { pair.edge.reset(); }},
                      Ending{"ConnectorFirst", [](TunnelPair& pair) { pair.connector.reset(); }},
                      Ending{"EdgeCloses",
                             [](TunnelPair& pair) {
                               pair.edge->close("end");
                               pair.settle();
                             }},
                      Ending{"ConnectorCloses",
                             [](TunnelPair& pair) {
                               pair.connector->close("end");
                               pair.connector.reset();
                               pair.edge->run(pair.now);
                             }},
                      Ending{"QuicEnds",
                             [](TunnelPair& pair) {
                               pair.edge->on_closed(kSilence, pair.now);
                               pair.quic.server().end();
                               pair.connector->on_closed(kSilence, pair.now);
                               pair.quic.client().end();
                               pair.settle();
                             }}),
    [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace oneping::tunnel
