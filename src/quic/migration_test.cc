// Clients that move: to another address on purpose, or behind a NAT that forgets.
#include <gtest/gtest.h>

#include "quic/testing/peers.h"

namespace oneping::quic {
namespace {

using namespace testing;

class MigrationTest : public QuicTest {
 protected:
  // The client's host has a second address from the start.
  MigrationTest() { network.attach(elsewhere, *client); }

  Result<void> move_to(const SocketAddress& local) {
    return user.connection->migrate(local, network.now);
  }
  // One datagram a millisecond each way for `span`; how many came of those that were sent.
  struct Came {
    int sent = 0;
    std::size_t at_server = 0;
    std::size_t at_client = 0;
  };
  Came exchange(Duration span) {
    peer().datagrams.clear();
    user.datagrams.clear();
    Came came;
    for (Duration passed{}; passed < span; passed += 1ms, ++came.sent) {
      std::ignore = send(*user.connection, pattern(100));
      std::ignore = send(*peer().connection, pattern(100));
      network.run(1ms);
    }
    network.run(200ms);
    came.at_server = peer().datagrams.size();
    came.at_client = user.datagrams.size();
    return came;
  }

  const SocketAddress elsewhere = address("203.0.113.9:41000");
};

TEST_F(MigrationTest, PacketsLeaveFromTheNewAddressAndAnswersComeThere) {
  establish();
  network.run(1s);
  ASSERT_TRUE(move_to(elsewhere));
  EXPECT_EQ(user.connection->path(), (Path{elsewhere, server_at}));
  const Came came = exchange(1s);
  EXPECT_EQ(came.at_server, 1000u) << "nothing is lost on the way there";
  EXPECT_GE(came.at_client, 970u) << "at most what was under way, and what waited for the proof";
  EXPECT_EQ(peer().connection->path(), (Path{server_at, elsewhere}));
  EXPECT_EQ(peer().path_changes, 1);
  EXPECT_EQ(user.path_changes, 1);
}

// The old network is gone before the client has noticed.
TEST_F(MigrationTest, OldPathIsDead) {
  establish();
  network.run(1s);
  network.translate(client_at, address("192.0.2.99:9"));  // a black hole for the answers
  network.link.loss = 1;
  network.run(300ms);
  network.link.loss = 0;
  ASSERT_TRUE(move_to(elsewhere));
  const Came came = exchange(500ms);
  EXPECT_EQ(came.at_server, 500u);
  EXPECT_GE(came.at_client, 470u);
  EXPECT_TRUE(user.closed.empty());
}

TEST_F(MigrationTest, PathMtuIsFoundAgain) {
  establish();
  network.run(2s);
  ASSERT_EQ(user.connection->max_datagram_size(), 1412u);
  ASSERT_TRUE(move_to(elsewhere));
  EXPECT_EQ(user.connection->max_datagram_size(), 1168u) << "what every path carries";
  network.run(2s);
  EXPECT_EQ(user.connection->max_datagram_size(), 1412u);
  EXPECT_EQ(peer().connection->max_datagram_size(), 1412u);
  for (const auto* told : {&user.datagram_sizes, &peer().datagram_sizes}) {
    EXPECT_EQ(std::ranges::count(*told, 1168u), 1) << "both users hear that it falls";
    EXPECT_EQ(std::ranges::count(*told, 1412u), 2) << "and that it grows again";
    EXPECT_EQ(told->back(), 1412u);
  }
}

TEST_F(MigrationTest, ThereAndBackManyTimes) {
  establish();
  network.run(1s);
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(move_to(i % 2 == 0 ? elsewhere : client_at)) << i;
    const Came came = exchange(300ms);
    EXPECT_EQ(came.at_server, 300u) << i;
    EXPECT_GE(came.at_client, 250u) << i;
    network.run(2s);
  }
  EXPECT_TRUE(user.closed.empty());
  EXPECT_TRUE(peer().closed.empty());
}

// As often as it may, at every distance in time: the connection goes on, or both ends hear that it
// does not; and it is never wedged.
TEST_F(MigrationTest, Restless) {
  int survived = 0;
  for (int step = 1; step <= 30; ++step) {
    SCOPED_TRACE(step);
    user = {};
    establish();
    network.run(100ms);
    for (int i = 0; i < 12 && !user.over; ++i) {
      std::ignore = move_to(i % 2 == 0 ? elsewhere : client_at);
      std::ignore = send(*user.connection, pattern(10));
      network.run(Duration(1ms) * step * 2);
      if (!peer().over) std::ignore = send(*peer().connection, pattern(10));
    }
    network.run(6s);
    ASSERT_EQ(user.closed.size(), peer().closed.size());
    if (user.over) continue;
    ++survived;
    const Came came = exchange(20ms);
    EXPECT_EQ(came.at_server, 20u);
    EXPECT_EQ(came.at_client, 20u);
    user.close();
    network.run(1s);
  }
  EXPECT_GT(survived, 20);
}

TEST_F(MigrationTest, StreamsGoOn) {
  establish();
  network.run(1s);
  const auto data = pattern(400'000);
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  user.connection->write(*stream, data, true);
  network.run(30ms);
  ASSERT_TRUE(move_to(elsewhere));
  ASSERT_TRUE(network.run_until([&] { return peer().finished[*stream]; }));
  EXPECT_TRUE(peer().received[*stream] == to_text(data));
}

// Loss in the moment of the move: the proof of the path is repeated.
TEST_F(MigrationTest, UnderLoss) {
  establish();
  network.run(1s);
  network.link.loss = 0.2;
  ASSERT_TRUE(move_to(elsewhere));
  const Came came = exchange(2s);
  EXPECT_GT(came.at_server, 1400u);
  EXPECT_GT(came.at_client, 1200u);
  EXPECT_EQ(peer().connection->path(), (Path{server_at, elsewhere}));
}

TEST_F(MigrationTest, RefusedWhenItMakesNoSense) {
  connect(user);
  EXPECT_FALSE(move_to(elsewhere)) << "not ready";
  ASSERT_TRUE(network.run_until([&] { return user.ready == 1; }));
  EXPECT_FALSE(move_to(client_at)) << "it is there";
  EXPECT_FALSE(peer().connection->migrate(elsewhere, network.now)) << "a server stays";
  network.run(1s);
  EXPECT_TRUE(user.connection->is_ready());
  EXPECT_TRUE(peer().connection->is_ready());
  EXPECT_EQ(user.path_changes, 0);
}

// Nobody can answer at the new address: the client may move on to another.
TEST_F(MigrationTest, FromADeadAddressToALiveOne) {
  establish();
  network.run(1s);
  ASSERT_TRUE(move_to(address("203.0.113.200:1")));
  network.run(400ms);
  ASSERT_TRUE(move_to(elsewhere));
  const Came came = exchange(1s);
  EXPECT_GT(came.at_server, 900u);
  EXPECT_GT(came.at_client, 900u);
}

TEST_F(MigrationTest, NatThatForgetsTellsTheServersUser) {
  establish();
  network.run(1s);
  const SocketAddress outside = address("198.51.100.2:50000");
  network.translate(client_at, outside);
  const Came came = exchange(500ms);
  EXPECT_EQ(came.at_server, 500u);
  EXPECT_GE(came.at_client, 450u);
  EXPECT_EQ(peer().connection->path(), (Path{server_at, outside}));
  EXPECT_EQ(peer().path_changes, 1);
  EXPECT_EQ(user.path_changes, 0) << "it cannot know";
}

}  // namespace
}  // namespace oneping::quic
