// Datagrams under pressure: full and slow queues, packing, paths that change.
#include <gtest/gtest.h>

#include "quic/testing/peers.h"

namespace oneping::quic {
namespace {

using namespace testing;

class DatagramTest : public QuicTest {
 protected:
  void use(const TransportOptions& transport) {
    EndpointOptions options = with_secret(2);
    options.transport = transport;
    start_client(options, *TlsContext::client(trusting_client()));
  }
  const StageCounters& counters() { return user.connection->datagram_counters(); }
  static std::uint64_t sum(const StageCounters& c) {
    return c.forwarded() + c.answered() + c.dropped() + c.held();
  }
};

TEST_F(DatagramTest, NotBeforeTheConnectionIsReady) {
  connect(user);
  EXPECT_EQ(user.connection->max_datagram_size(), 0u);
  EXPECT_EQ(send(*user.connection, pattern(10)), DropReason::link_down);
  EXPECT_EQ(counters().in(), 0u);
}

TEST_F(DatagramTest, RefusedPacketStaysWithItsOwner) {
  establish();
  auto packet = pool.copy(pattern(1500));
  ASSERT_TRUE(packet);
  EXPECT_EQ(user.connection->send_datagram(*packet, network.now), DropReason::too_big);
  ASSERT_TRUE(*packet);
  EXPECT_EQ(packet->size(), 1500u);
}

TEST_F(DatagramTest, FullQueueDropsTheOldest) {
  TransportOptions transport;
  transport.datagram_queue_packets = 8;
  use(transport);
  establish();
  for (std::uint8_t i = 0; i < 20; ++i) {
    ASSERT_EQ(send(*user.connection, std::vector<std::uint8_t>{i}), std::nullopt);
  }
  EXPECT_EQ(counters().in(), 20u);
  EXPECT_EQ(counters().dropped(DropReason::queue_full), 12u);
  EXPECT_EQ(counters().held(), 8u);
  EXPECT_EQ(pool.in_use(), 8u);
  network.run(100ms);
  ASSERT_EQ(peer().datagrams.size(), 8u);
  EXPECT_EQ(peer().datagrams[0][0], 12) << "the youngest eight, in order";
  EXPECT_EQ(peer().datagrams[7][0], 19);
  EXPECT_EQ(counters().forwarded(), 8u);
  EXPECT_EQ(counters().held(), 0u);
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST_F(DatagramTest, OldDatagramsExpire) {
  establish();
  // More than the first congestion window, and a round trip longer than they may wait.
  network.link.delay = 500ms;
  for (int i = 0; i < 100; ++i) ASSERT_EQ(send(*user.connection, pattern(1000)), std::nullopt);
  network.run(5s);
  EXPECT_GT(counters().forwarded(), 5u);
  EXPECT_GT(counters().dropped(DropReason::expired), 5u);
  EXPECT_EQ(counters().forwarded() + counters().dropped(DropReason::expired), 100u);
  EXPECT_EQ(peer().datagrams.size(), counters().forwarded());
  EXPECT_EQ(pool.in_use(), 0u);
}

// Nothing that waits is acknowledged, nor is there anything else to send.
TEST_F(DatagramTest, OldDatagramsExpireThoughThePeerIsSilent) {
  establish();
  network.link.loss = 1;
  for (int i = 0; i < 500; ++i) ASSERT_EQ(send(*user.connection, pattern(1000)), std::nullopt);
  network.run(120ms);
  EXPECT_EQ(counters().held(), 0u);
  EXPECT_GT(counters().dropped(DropReason::expired), 400u);
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST_F(DatagramTest, CountersAddUpWhateverHappens) {
  TransportOptions transport;
  transport.datagram_queue_packets = 64;
  use(transport);
  establish();
  network.link.loss = 0.1;
  network.link.jitter = 5ms;
  for (int round = 0; round < 200; ++round) {
    const auto count = network.random.below(50);
    for (std::uint64_t i = 0; i < count; ++i) {
      std::ignore = send(*user.connection, pattern(network.random.below(1600)));
    }
    network.run(Duration(1ms) * static_cast<int>(network.random.below(20)));
    ASSERT_EQ(counters().in(), sum(counters()));
    ASSERT_EQ(counters().held(), pool.in_use());
  }
  network.run(2s);
  EXPECT_EQ(counters().held(), 0u);
  EXPECT_GT(counters().forwarded(), 100u);
  EXPECT_LE(peer().datagrams.size(), counters().forwarded());
  EXPECT_GT(peer().datagrams.size(), counters().forwarded() / 2);
}

// Before 0.15 ngtcp2 arms no timer for datagrams: a window full of lost ones would stay full.
class DatagramLossTest : public DatagramTest,
                         public ::testing::WithParamInterface<std::tuple<double, std::size_t>> {};

TEST_P(DatagramLossTest, WhileBusySilencesNobody) {
  const auto [loss, size] = GetParam();
  establish();
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  user.connection->write(*stream, pattern(10), false);  // as every connection of ours has one
  network.run(2s);
  network.link.loss = loss;
  for (int i = 0; i < 200; ++i) {
    for (int k = 0; k < 3; ++k) std::ignore = send(*user.connection, pattern(size));
    network.run(5ms);
  }
  network.link.loss = 0;
  network.run(4s);  // the next probe may be so far off
  peer().datagrams.clear();
  for (int k = 0; k < 3; ++k) std::ignore = send(*user.connection, pattern(size));
  network.run(100ms);
  EXPECT_EQ(peer().datagrams.size(), 3u);
}

INSTANTIATE_TEST_SUITE_P(Losses, DatagramLossTest,
                         ::testing::Combine(::testing::Values(1.0, 0.3, 0.05),
                                            ::testing::Values(60, 1000, 1400)));

// The timer's probes are two each time, and each time later (RFC 9002, 6.2).
TEST_F(DatagramTest, ASilentPeerIsProbedAFewTimes) {
  establish();
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  user.connection->write(*stream, pattern(10), false);
  network.run(2s);
  network.link.loss = 1;
  const std::uint64_t before = user.connection->stats().packets_sent;
  std::ignore = send(*user.connection, pattern(100));
  network.run(3s);
  EXPECT_GT(user.connection->stats().packets_sent, before + 3);
  EXPECT_LT(user.connection->stats().packets_sent, before + 30);
}

TEST_F(DatagramTest, AStreamThatThePeerStopsIsNoGuard) {
  establish();
  const auto stopped = user.connection->open_stream();
  const auto other = user.connection->open_stream();
  ASSERT_TRUE(stopped && other);
  user.connection->write(*stopped, pattern(10), false);
  user.connection->write(*other, pattern(10), false);
  network.run(1s);
  peer().connection->reset_stream(*stopped, 7);
  network.run(1s);
  network.link.loss = 1;
  const std::uint64_t before = user.connection->stats().packets_sent;
  std::ignore = send(*user.connection, pattern(100));
  network.run(3s);
  EXPECT_GT(user.connection->stats().packets_sent, before + 3);
  network.link.loss = 0;
  network.run(4s);
  EXPECT_TRUE(user.closed.empty());
}

// Bouts of any loss, sizes and rates, both ways: after each, a calm network carries at once again.
class DatagramBoutsTest : public DatagramTest, public ::testing::WithParamInterface<int> {};

TEST_P(DatagramBoutsTest, LeaveNobodySilent) {
  for (int i = 0; i < GetParam(); ++i) std::ignore = network.random.next();
  establish();
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  user.connection->write(*stream, pattern(10), false);
  network.run(1s);
  // Half of the peers have not written yet: then nothing of theirs can be helped, or do harm.
  const bool answers = GetParam() % 2 == 0;
  if (answers) peer().connection->write(*stream, pattern(10), false);
  network.run(1s);
  for (int bout = 0; bout < 5; ++bout) {
    network.link.loss = network.random.unit() * network.random.unit();
    const std::size_t size = 20 + network.random.below(1380);
    const std::uint64_t burst = 1 + network.random.below(6);
    for (int i = 0; i < 200; ++i) {
      for (std::uint64_t k = 0; k < burst; ++k) {
        std::ignore = send(*user.connection, pattern(size));
      }
      if (network.random.below(3) == 0) std::ignore = send(*peer().connection, pattern(size));
      network.run(Duration(network.random.below(10'000'000)));
    }
    network.link.loss = 0;
    network.run(4500ms);
    ASSERT_TRUE(user.closed.empty());
    peer().datagrams.clear();
    user.datagrams.clear();
    for (int k = 0; k < 2; ++k) {
      std::ignore = send(*user.connection, pattern(1400));
      std::ignore = send(*peer().connection, pattern(1400));
    }
    network.run(100ms);
    ASSERT_EQ(peer().datagrams.size(), 2U);
    if (answers) ASSERT_EQ(user.datagrams.size(), 2U);
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, DatagramBoutsTest, ::testing::Range(0, 60));

TEST_F(DatagramTest, ManySmallOnesLeaveInFewPacketsAndFewerCalls) {
  establish();
  network.run(1s);
  // Open the congestion window.
  for (int i = 0; i < 20; ++i) {
    for (int k = 0; k < 100; ++k) std::ignore = send(*user.connection, pattern(1000));
    network.run(50ms);
  }
  network.run(1s);
  peer().datagrams.clear();
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(send(*user.connection, pattern(84)), std::nullopt);
  network.packets = network.sends = 0;
  network.flush();
  EXPECT_EQ(counters().held(), 0u) << "all in one turn";
  EXPECT_LT(network.packets, 70u);
  EXPECT_LE(network.sends, 4u);
  network.run(100ms);
  EXPECT_EQ(peer().datagrams.size(), 1000u);
}

TEST_F(DatagramTest, PeerWithoutDatagrams) {
  EndpointOptions options = with_secret(1);
  options.transport.max_datagram_frame_size = 0;
  start_server(options);
  establish();
  EXPECT_EQ(user.connection->max_datagram_size(), 0u);
  EXPECT_EQ(send(*user.connection, {}), DropReason::link_down);
}

TEST_F(DatagramTest, LimitOfThePeerHolds) {
  for (const auto& [limit, largest] :
       {std::pair<std::size_t, std::size_t>{10, 8}, {65, 63}, {66, 63}, {67, 64}, {1350, 1347}}) {
    SCOPED_TRACE(limit);
    EndpointOptions options = with_secret(1);
    options.transport.max_datagram_frame_size = limit;
    start_server(options);
    user = {};
    establish();
    network.run(2s);
    EXPECT_EQ(user.connection->max_datagram_size(), largest);
    ASSERT_EQ(send(*user.connection, pattern(largest)), std::nullopt);
    network.run(100ms);
    ASSERT_EQ(peer().datagrams.size(), 1u);
    EXPECT_TRUE(user.closed.empty());
    user.close();
    network.run(5s);
  }
}

TEST_F(DatagramTest, PathMtuIsFound) {
  establish();
  EXPECT_GE(user.connection->max_datagram_size(), 1168u) << "what every path carries";
  network.run(2s);
  EXPECT_EQ(user.connection->max_datagram_size(), 1412u);
  EXPECT_EQ(user.connection->stats().path_max_udp_payload, 1444u);
}

TEST_F(DatagramTest, NarrowPathIsRespected) {
  network.link.max_udp_payload = 1372;
  establish();
  network.run(10s);
  const std::size_t max = user.connection->max_datagram_size();
  EXPECT_GT(max, 1168u);
  EXPECT_LE(user.connection->stats().path_max_udp_payload, 1372u);
  ASSERT_EQ(send(*user.connection, pattern(max)), std::nullopt);
  network.run(100ms);
  EXPECT_EQ(peer().datagrams.size(), 1u);
}

TEST_F(DatagramTest, NarrowestPath) {
  network.link.max_udp_payload = 1200;
  establish();
  network.run(10s);
  EXPECT_EQ(user.connection->max_datagram_size(), 1168u);
  ASSERT_EQ(send(*user.connection, pattern(1168)), std::nullopt);
  network.run(100ms);
  EXPECT_EQ(peer().datagrams.size(), 1u);
}

TEST_F(DatagramTest, WhatIsLostIsCounted) {
  establish();
  network.run(1s);
  EXPECT_EQ(user.connection->stats().datagrams_lost, 0u);
  network.link.loss = 0.05;
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(send(*user.connection, pattern(100)), std::nullopt);
    network.run(20ms);
  }
  network.link.loss = 0;
  std::ignore = send(*user.connection, pattern(1));  // its acknowledgement settles the last ones
  network.run(5s);
  // A packet that was given up although it arrived late is counted too.
  const std::uint64_t lost =
      user.connection->datagram_counters().forwarded() - peer().datagrams.size();
  EXPECT_GE(user.connection->stats().datagrams_lost, lost);
  EXPECT_LE(user.connection->stats().datagrams_lost, lost + 5);
  EXPECT_GT(lost, 10u);
}

TEST_F(DatagramTest, NatRebindingIsFollowed) {
  establish();
  network.run(1s);
  const SocketAddress outside = address("198.51.100.2:50000");
  network.translate(client_at, outside);
  for (int i = 0; i < 20; ++i) {
    std::ignore = send(*user.connection, pattern(100));
    std::ignore = send(*peer().connection, pattern(100));
    network.run(50ms);
  }
  EXPECT_EQ(peer().connection->path(), (Path{server_at, outside}));
  peer().datagrams.clear();
  user.datagrams.clear();
  ASSERT_EQ(send(*user.connection, pattern(10)), std::nullopt);
  ASSERT_EQ(send(*peer().connection, pattern(20)), std::nullopt);
  network.run(50ms);
  EXPECT_EQ(peer().datagrams.size(), 1u);
  EXPECT_EQ(user.datagrams.size(), 1u);
  EXPECT_TRUE(user.closed.empty());
}

TEST_F(DatagramTest, RebindingToAnotherAddressIsFollowed) {
  establish();
  network.run(1s);
  const SocketAddress outside = address("203.0.113.77:50000");
  network.translate(client_at, outside);
  for (int i = 0; i < 40; ++i) {
    std::ignore = send(*user.connection, pattern(100));
    network.run(50ms);
  }
  EXPECT_EQ(peer().connection->path().remote, outside);
  EXPECT_TRUE(user.closed.empty());
}

// A client whose packets come now from here, now from there, at every distance in time: either the
// connection goes on, or it is given up and both users hear of it.
TEST_F(DatagramTest, PathsThatAlternate) {
  const SocketAddress outside = address("198.51.100.2:50000");
  int survived = 0;
  for (int step = 1; step <= 40; ++step) {
    SCOPED_TRACE(step);
    user = {};
    network.translate(client_at, client_at);
    establish();
    network.run(100ms);
    for (int i = 0; i < 12; ++i) {
      network.translate(client_at, i % 2 == 0 ? outside : client_at);
      if (!user.over) std::ignore = send(*user.connection, pattern(10));
      network.run(Duration(1ms) * step * 2);
      if (!peer().over) std::ignore = send(*peer().connection, pattern(10));
    }
    network.run(4s);
    peer().datagrams.clear();
    if (!user.over) std::ignore = send(*user.connection, pattern(10));
    network.run(100ms);
    ASSERT_EQ(user.closed.size(), peer().closed.size());
    if (peer().over) {
      EXPECT_EQ(peer().closed[0].reason, "no viable path (ERR_NO_VIABLE_PATH)");
      continue;
    }
    ++survived;
    EXPECT_EQ(peer().datagrams.size(), 1u);
    user.close();
    network.run(1s);
  }
  EXPECT_GT(survived, 20);
}

TEST_F(DatagramTest, LongRun) {  // packet numbers, key use and ids go on
  establish();
  network.link.loss = 0.01;
  std::size_t sent = 0;
  for (int i = 0; i < 3000; ++i) {
    for (int k = 0; k < 10; ++k) sent += send(*user.connection, pattern(200)) ? 0 : 1;
    network.run(10ms);
  }
  EXPECT_TRUE(user.closed.empty());
  EXPECT_EQ(counters().in(), sent);
  EXPECT_GT(peer().datagrams.size(), sent * 9 / 10);
}

TEST_F(DatagramTest, TimeThatGoesBackDoesNoHarm) {
  establish();
  network.run(1s);
  std::ignore = send(*user.connection, pattern(10));
  network.now -= 500ms;
  network.flush();
  client->on_time(network.now);
  network.now += 600ms;
  network.run(1s);
  EXPECT_EQ(peer().datagrams.size(), 1u);
}

}  // namespace
}  // namespace oneping::quic
