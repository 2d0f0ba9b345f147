// Handshake, datagrams and streams between two endpoints.
#include "quic/endpoint.h"

#include <gtest/gtest.h>

#include "quic/testing/peers.h"

namespace oneping::quic {
namespace {

using namespace testing;

TEST_F(QuicTest, HandshakeMakesBothEndsReady) {
  establish();
  EXPECT_TRUE(user.connection->is_ready());
  EXPECT_TRUE(peer().connection->is_ready());
  EXPECT_EQ(user.connection->path(), (Path{client_at, server_at}));
  EXPECT_EQ(peer().connection->path(), (Path{server_at, client_at}));
  EXPECT_EQ(client->connections(), 1u);
  EXPECT_EQ(server->connections(), 1u);
  EXPECT_EQ(server->stats().handshakes_started, 1u);
  EXPECT_EQ(server->stats().handshakes_failed, 0u);
}

TEST_F(QuicTest, HandshakeSurvivesLossReorderingAndDuplication) {
  network.link.loss = 0.2;
  network.link.jitter = 30ms;
  network.link.duplication = 0.2;
  establish();
}

TEST_F(QuicTest, ClientLearnsItsLocalAddress) {
  const Path unspecified{{IpAddress::v4(0), client_at.port}, server_at};
  network.route(unspecified.local, client_at);
  auto made = client->connect(unspecified, user, network.now);
  ASSERT_TRUE(made);
  user.connection = *made;
  ASSERT_TRUE(network.run_until([&] { return user.ready == 1; }));
  EXPECT_EQ(user.connection->path(), (Path{client_at, server_at}));
}

TEST_F(QuicTest, DatagramsOfEverySizePassBothWays) {
  establish();
  network.run(2s);  // path MTU discovery
  const std::size_t max = user.connection->max_datagram_size();
  EXPECT_GE(max, 1281u) << "an IPv6 packet of the least MTU with a byte of framing";
  std::size_t sent = 0;
  for (std::size_t size = 0; size <= max; ++size) {
    const auto bytes = pattern(size, static_cast<std::uint8_t>(size));
    ASSERT_EQ(send(*user.connection, bytes), std::nullopt) << size;
    ASSERT_EQ(send(*peer().connection, bytes), std::nullopt) << size;
    ++sent;
    network.run(50ms);
    ASSERT_EQ(peer().datagrams.size(), sent) << "size " << size << " did not arrive";
    ASSERT_EQ(user.datagrams.size(), sent) << "size " << size << " did not arrive";
    ASSERT_EQ(peer().datagrams.back(), bytes);
    ASSERT_EQ(user.datagrams.back(), bytes);
  }
  EXPECT_EQ(send(*user.connection, pattern(max + 1)), DropReason::too_big);
  EXPECT_EQ(user.connection->datagram_counters().in(), sent) << "a refusal is not in";
}

TEST_F(QuicTest, StreamsCarryAMegabyteEachWay) {
  establish();
  const auto data = pattern(1'000'000);
  peer().when_stream_data = [&](StreamId stream) {
    if (peer().finished[stream]) peer().connection->write(stream, data, true);
  };
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  user.connection->write(*stream, data, true);
  EXPECT_EQ(user.connection->unacknowledged(*stream), data.size());
  ASSERT_TRUE(network.run_until([&] { return user.streams_closed[*stream] == 1; }));
  EXPECT_TRUE(peer().received[*stream] == to_text(data));
  EXPECT_TRUE(user.received[*stream] == to_text(data));
  EXPECT_EQ(user.connection->unacknowledged(*stream), 0u);
  EXPECT_TRUE(network.run_until([&] { return peer().streams_closed[*stream] == 1; }));
}

}  // namespace
}  // namespace oneping::quic
