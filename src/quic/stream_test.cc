// Streams: loss, resets, many at once.
#include <gtest/gtest.h>

#include "quic/testing/peers.h"

namespace oneping::quic {
namespace {

using namespace testing;

class StreamTest : public QuicTest {};

TEST_F(StreamTest, CompleteUnderLossReorderingAndDuplication) {
  establish();
  network.link.loss = 0.1;
  network.link.jitter = 20ms;
  network.link.duplication = 0.05;
  const auto data = pattern(300'000);
  std::vector<StreamId> streams;
  for (int i = 0; i < 3; ++i) {
    const auto stream = user.connection->open_stream();
    ASSERT_TRUE(stream);
    user.connection->write(*stream, data, true);
    streams.push_back(*stream);
  }
  for (int i = 0; i < 100; ++i) {  // datagrams share the packets
    std::ignore = send(*user.connection, pattern(300));
    network.run(10ms);
  }
  ASSERT_TRUE(network.run_until(
      [&] {
        return std::ranges::all_of(streams, [&](StreamId id) { return peer().finished[id]; });
      },
      60s));
  for (const StreamId id : streams) EXPECT_TRUE(peer().received[id] == to_text(data));
  EXPECT_GT(peer().datagrams.size(), 50u);
}

TEST_F(StreamTest, ServerOpensStreamsToo) {
  establish();
  const auto stream = peer().connection->open_stream();
  ASSERT_TRUE(stream);
  EXPECT_EQ(*stream, 1);  // RFC 9000, 2.1
  peer().connection->write(*stream, pattern(10), false);
  network.run(50ms);
  user.connection->write(*stream, pattern(20), true);
  network.run(50ms);
  EXPECT_EQ(user.received[*stream].size(), 10u);
  EXPECT_EQ(peer().received[*stream].size(), 20u);
  EXPECT_TRUE(peer().finished[*stream]);
}

TEST_F(StreamTest, UnidirectionalOnesBothWays) {
  establish();
  const auto up = user.connection->open_unidirectional_stream();
  const auto down = peer().connection->open_unidirectional_stream();
  ASSERT_TRUE(up);
  ASSERT_TRUE(down);
  EXPECT_EQ(*up, 2);  // RFC 9000, 2.1
  EXPECT_EQ(*down, 3);
  user.connection->write(*up, pattern(1000), false);
  peer().connection->write(*down, pattern(2000), true);
  network.run(100ms);
  EXPECT_EQ(peer().received[*up].size(), 1000u);
  EXPECT_EQ(user.received[*down].size(), 2000u);
  EXPECT_TRUE(user.finished[*down]);
  peer().connection->write(*up, pattern(10), false);  // not ours to write
  network.run(100ms);
  EXPECT_TRUE(user.received[*up].empty());
  user.connection->write(*up, pattern(1), true);
  network.run(100ms);
  EXPECT_TRUE(peer().finished[*up]);
  EXPECT_EQ(peer().streams_closed[*up], 1);
  EXPECT_EQ(user.streams_closed[*up], 1);
}

TEST_F(StreamTest, UnidirectionalOnesAreFew) {
  EXPECT_FALSE(connect(user).open_unidirectional_stream()) << "not ready";
  ASSERT_TRUE(network.run_until([&] { return user.ready == 1; }));
  int opened = 0;
  while (user.connection->open_unidirectional_stream()) ASSERT_LT(++opened, 100);
  EXPECT_EQ(opened, 3);
  network.run(1s);
  EXPECT_TRUE(user.connection->is_ready());
}

TEST_F(StreamTest, EmptyWithFin) {
  establish();
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  user.connection->write(*stream, {}, true);
  network.run(50ms);
  EXPECT_TRUE(peer().finished[*stream]);
  peer().connection->write(*stream, {}, true);
  network.run(100ms);
  EXPECT_EQ(user.streams_closed[*stream], 1);
  EXPECT_EQ(peer().streams_closed[*stream], 1);
}

TEST_F(StreamTest, ResetEndsBothDirectionsAtBothEnds) {
  establish();
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  user.connection->write(*stream, pattern(1000), false);
  network.run(50ms);
  user.connection->reset_stream(*stream, 5);
  user.connection->write(*stream, pattern(10), true);  // is ignored
  network.run(1s);
  EXPECT_EQ(peer().streams_closed[*stream], 1);
  EXPECT_EQ(user.streams_closed[*stream], 1);
  EXPECT_EQ(peer().received[*stream].size(), 1000u);
  peer().connection->write(*stream, pattern(10), true);  // is gone
  network.run(1s);
  EXPECT_TRUE(user.closed.empty());
}

TEST_F(StreamTest, ResetInsideItsOwnEvent) {
  establish();
  peer().when_stream_data = [&](StreamId stream) { peer().connection->reset_stream(stream, 1); };
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  user.connection->write(*stream, pattern(100'000), true);
  network.run(1s);
  EXPECT_EQ(user.streams_closed[*stream], 1);
  EXPECT_EQ(peer().streams_closed[*stream], 1);
  EXPECT_TRUE(user.connection->is_ready());
}

TEST_F(StreamTest, IdsThatDoNotExistAreIgnored) {
  establish();
  for (const StreamId id :
       {StreamId{-1}, StreamId{0}, StreamId{1}, StreamId{2}, StreamId{3}, StreamId{1} << 60}) {
    user.connection->write(id, pattern(10), true);
    user.connection->reset_stream(id, 1);
    EXPECT_EQ(user.connection->unacknowledged(id), 0u);
  }
  network.run(1s);
  EXPECT_TRUE(user.connection->is_ready());
}

TEST_F(StreamTest, NotBeforeTheConnectionIsReady) {
  connect(user);
  EXPECT_FALSE(user.connection->open_stream());
}

TEST_F(StreamTest, ManyOneAfterTheOther) {
  establish();
  peer().when_stream_data = [&](StreamId stream) {
    if (peer().finished[stream]) peer().connection->write(stream, pattern(10), true);
  };
  for (int i = 0; i < 1000; ++i) {
    auto stream = user.connection->open_stream();
    ASSERT_TRUE(stream) << i << ": " << stream.error().message;
    user.connection->write(*stream, pattern(10), true);
    network.run(25ms);
  }
  network.run(1s);
  EXPECT_EQ(user.streams_closed.size(), 1000u);
}

TEST_F(StreamTest, TooManyAtOnceIsAnErrorAndPasses) {
  establish();
  int opened = 0;
  while (auto stream = user.connection->open_stream()) {
    user.connection->write(*stream, pattern(10), true);
    ASSERT_LT(++opened, 10000);
  }
  EXPECT_GT(opened, 50);
  network.run(1s);
  EXPECT_FALSE(user.connection->open_stream());
  for (const auto& [id, bytes] : peer().received) peer().connection->write(id, {}, true);
  network.run(1s);
  EXPECT_TRUE(user.connection->open_stream());
}

TEST_F(StreamTest, DatagramsPassAStreamThatFlowControlHoldsBack) {
  establish();
  // Many streams use up the connection's window while the peer's credit is lost.
  for (int i = 0; i < 4; ++i) {
    const auto stream = user.connection->open_stream();
    ASSERT_TRUE(stream);
    user.connection->write(*stream, pattern(1'000'000), true);
  }
  for (int i = 0; i < 2000; ++i) {
    std::ignore = send(*user.connection, pattern(50));
    network.run(1ms);
  }
  ASSERT_TRUE(network.run_until([&] {
    return peer().finished.size() == 4 &&
           std::ranges::all_of(peer().finished, [](const auto& each) { return each.second; });
  }));
  EXPECT_GT(peer().datagrams.size(), 1000u);
}

}  // namespace
}  // namespace oneping::quic
