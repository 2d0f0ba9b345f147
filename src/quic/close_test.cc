// The ways in which connections end.
#include <gtest/gtest.h>

#include "quic/testing/peers.h"

namespace oneping::quic {
namespace {

using namespace testing;

class CloseTest : public QuicTest {};

TEST_F(CloseTest, ClientClosesAndTheServerHearsWhy) {
  establish();
  user.close(7, "enough");
  network.run(100ms);
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(peer().closed[0].kind, CloseKind::peer);
  EXPECT_EQ(peer().closed[0].code, 7u);
  EXPECT_EQ(peer().closed[0].reason, "the peer closed with code 7: \"enough\"");
  EXPECT_TRUE(user.closed.empty());
  EXPECT_EQ(client->connections(), 0u);
  EXPECT_EQ(server->connections(), 0u);
  network.run(10s);
  EXPECT_EQ(client->next_deadline(), kNever) << "the closing period ends";
  EXPECT_EQ(server->next_deadline(), kNever) << "the draining period ends";
}

TEST_F(CloseTest, ServerCloses) {
  establish();
  peer().close(0, "");
  network.run(100ms);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::peer);
  EXPECT_EQ(user.closed[0].code, 0u);
}

TEST_F(CloseTest, BothCloseAtOnce) {
  establish();
  user.close(1);
  peer().close(2);
  network.run(10s);
  EXPECT_TRUE(user.closed.empty());
  EXPECT_TRUE(peer().closed.empty());
  EXPECT_EQ(server->next_deadline(), kNever);
}

TEST_F(CloseTest, WordsOfThePeerAreMadeFitForALog) {
  establish();
  user.close(1, std::string("a\nb\0c", 5));
  network.run(100ms);
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(peer().closed[0].reason, "the peer closed with code 1: \"a?b?c\"");
}

TEST_F(CloseTest, LostFarewellIsRepeatedToAPeerThatGoesOn) {
  establish();
  network.link.loss = 1;
  user.close(7, "enough");
  network.run(1ms);
  network.link.loss = 0;
  for (int i = 0; i < 3; ++i) {
    std::ignore = send(*peer().connection, pattern(10));
    network.run(30ms);
  }
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(peer().closed[0].code, 7u);
}

TEST_F(CloseTest, ClosePacketsDoNotEchoForEver) {
  establish();
  user.close();
  network.run(50ms);
  const std::size_t before = network.packets;
  for (int i = 0; i < 1000; ++i) {  // a peer that does not listen
    std::vector<std::uint8_t> noise = pattern(100);
    network.inject({server_at, client_at}, noise);
  }
  network.run(5s);
  EXPECT_LT(network.packets - before, 120u);
}

TEST_F(CloseTest, InEveryEvent) {
  const auto data = pattern(100);
  struct Case {
    const char* name;
    std::function<void(RecordingUser& subject, RecordingUser& other)> act;
  };
  const Case cases[] = {
      {"on_datagram",
       [&](RecordingUser& subject, RecordingUser& other) {
         subject.when_datagram = [&subject] { subject.close(3); };
         for (int i = 0; i < 5; ++i) ASSERT_EQ(send(*other.connection, data), std::nullopt);
       }},
      {"on_stream_data",
       [&](RecordingUser& subject, RecordingUser& other) {
         subject.when_stream_data = [&subject](StreamId) { subject.close(3); };
         const auto stream = other.connection->open_stream();
         ASSERT_TRUE(stream);
         other.connection->write(*stream, data, true);
         ASSERT_EQ(send(*other.connection, data), std::nullopt);
       }},
  };
  for (const Case& c : cases) {
    for (const bool by_server : {false, true}) {
      SCOPED_TRACE(std::string(c.name) + (by_server ? " of the server" : " of the client"));
      user = {};
      establish();
      RecordingUser& subject = by_server ? peer() : user;
      RecordingUser& other = by_server ? user : peer();
      c.act(subject, other);
      network.run(200ms);
      EXPECT_TRUE(subject.over);
      EXPECT_TRUE(subject.closed.empty()) << "no on_closed after close()";
      ASSERT_EQ(other.closed.size(), 1u);
      EXPECT_EQ(other.closed[0].code, 3u);
    }
  }
}

TEST_F(CloseTest, InOnReadyOfTheServer) {
  acceptor.when_accepted = [&](RecordingUser& accepted) {
    accepted.when_ready = [&accepted] { accepted.close(9, "full"); };
  };
  connect(user);
  network.run(1s);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::peer);
  EXPECT_EQ(user.closed[0].code, 9u);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(CloseTest, InOnReadyOfTheClient) {
  user.when_ready = [&] { user.close(9); };
  connect(user);
  network.run(1s);
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(peer().closed[0].code, 9u);
}

TEST_F(CloseTest, WhileBeingAccepted) {
  acceptor.when_accepted = [&](RecordingUser& accepted) { accepted.close(9, "full"); };
  connect(user);
  network.run(1s);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::refused);
  EXPECT_EQ(peer().ready, 0);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(CloseTest, BeforeAnythingWasSent) {
  connect(user);
  user.close();
  network.run(1s);
  EXPECT_EQ(client->connections(), 0u);
  EXPECT_EQ(network.packets, 0u);
  EXPECT_EQ(client->next_deadline(), kNever);
}

TEST_F(CloseTest, InOnClosedTheConnectionCanStillBeAsked) {
  establish();
  StageCounters at_end;
  peer().when_closed = [&] {
    at_end = peer().connection->datagram_counters();
    EXPECT_EQ(peer().connection->max_datagram_size(), 0u);
    EXPECT_GT(peer().connection->stats().packets_sent, 0u);
    peer().connection->close(1, "");  // means nothing any more
    EXPECT_EQ(send(*peer().connection, pattern(10)), DropReason::link_down);
  };
  user.close();
  // Does not leave: the close arrives in the same turn's packets.
  network.link.loss = 0;
  for (int i = 0; i < 10; ++i) std::ignore = send(*peer().connection, pattern(10));
  network.run(100ms);
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(at_end.in(), 10u);
  EXPECT_EQ(at_end.held(), 0u);
}

TEST_F(CloseTest, NewConnectionInsideOnClosed) {
  establish();
  RecordingUser second;
  user.when_closed = [&] { connect(second); };
  peer().close(1);
  ASSERT_TRUE(network.run_until([&] { return second.ready == 1; }));
}

TEST_F(CloseTest, SilenceIsAnIdleTimeout) {
  establish();
  network.link.loss = 1;
  network.run(10s);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::idle_timeout);
  EXPECT_EQ(user.closed[0].reason, "no QUIC packet from the peer for 5 s");
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(peer().closed[0].kind, CloseKind::idle_timeout);
  EXPECT_EQ(client->next_deadline(), kNever);
}

TEST_F(CloseTest, KeepAliveKeepsAnIdleConnection) {
  establish();
  network.run(60s);
  EXPECT_TRUE(user.closed.empty());
  EXPECT_TRUE(user.connection->is_ready());
}

TEST_F(CloseTest, WithoutKeepAliveAnIdleConnectionEnds) {
  EndpointOptions options = with_secret(1);
  options.transport.keep_alive = {};
  start_server(options);
  start_client(options, *TlsContext::client(trusting_client()));
  establish();
  network.run(7s);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::idle_timeout);
}

// Each end says how long it would wait, and the shorter one counts (RFC 9000, 10.1).
TEST_F(CloseTest, KeepAlivesAreChangedWhileAConnectionLives) {
  EndpointOptions options = with_secret(1);
  options.transport.keep_alive = {};
  options.transport.idle_timeout = 30s;
  start_server(options);
  start_client(options, *TlsContext::client(trusting_client()));
  establish();
  user.connection->set_keep_alive(10s);
  network.run(1s);
  const std::size_t before = network.packets;
  network.run(100s);
  EXPECT_TRUE(user.closed.empty());
  EXPECT_GE(network.packets - before, 2u * 9);
  EXPECT_LE(network.packets - before, 2u * 11) << "a packet each way";
  user.connection->set_keep_alive({});
  network.run(45s);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::idle_timeout);
}

TEST_F(CloseTest, TheShorterOfBothIdleTimeoutsCounts) {
  EndpointOptions patient = with_secret(1);
  patient.transport.keep_alive = {};
  patient.transport.idle_timeout = 30s;
  start_server(patient);
  EndpointOptions hasty = with_secret(2);
  hasty.transport.keep_alive = {};
  start_client(hasty, *TlsContext::client(trusting_client()));
  establish();
  network.run(7s);
  EXPECT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(peer().closed.size(), 1u);
}

// A device at rest says little, but enough for an edge that waits less than it.
TEST_F(CloseTest, KeepAlivesComeOftenEnoughForTheShorterIdleTimeout) {
  EndpointOptions hasty = with_secret(1);
  hasty.transport.keep_alive = {};
  start_server(hasty);
  EndpointOptions patient = with_secret(2);
  patient.transport.keep_alive = 15s;
  patient.transport.idle_timeout = 30s;
  start_client(patient, *TlsContext::client(trusting_client()));
  establish();
  network.run(60s);
  EXPECT_TRUE(user.closed.empty());
  network.link.loss = 1;
  network.run(7s);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].reason, "no QUIC packet from the peer for 5 s");
}

TEST_F(CloseTest, HandshakeTimeout) {
  for (const Duration idle : {Duration(5s), Duration(60s)}) {
    EndpointOptions options = with_secret(2);
    options.transport.idle_timeout = idle;
    start_client(options, *TlsContext::client(trusting_client()));
    network.link.loss = 1;
    user = {};
    connect(user);
    network.run(4900ms);
    EXPECT_TRUE(user.closed.empty());
    network.run(200ms);
    ASSERT_EQ(user.closed.size(), 1u);
    EXPECT_EQ(user.closed[0].kind, CloseKind::handshake_timeout);
    EXPECT_EQ(client->stats().handshakes_failed, 1u);
    EXPECT_EQ(client->connections(), 0u);
  }
}

TEST_F(CloseTest, HandshakeTimeoutOfAServerWhoseClientVanishes) {
  connect(user);
  network.run(15ms);  // the first flight has arrived
  network.link.loss = 1;
  network.run(10s);
  ASSERT_EQ(acceptor.users.size(), 1u);
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(peer().closed[0].kind, CloseKind::handshake_timeout);
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(CloseTest, RestartedServerResetsOldConnections) {
  establish();
  network.run(3s);
  start_server(with_secret(1));  // the same secret
  ASSERT_EQ(send(*user.connection, pattern(100)), std::nullopt);
  network.run(25ms);
  ASSERT_EQ(user.closed.size(), 1u) << "found out within a round trip";
  EXPECT_EQ(user.closed[0].kind, CloseKind::reset);
}

// cloudflared's keep-alive is 29 bytes: an edge that has restarted must answer that already.
TEST_F(CloseTest, RestartedServerResetsAtTheNextKeepAlive) {
  establish();
  network.run(3s);
  start_server(with_secret(1));
  network.run(1100ms);  // nothing is sent but keep-alives, once a second
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::reset);
}

TEST_F(CloseTest, ResetWithAnotherSecretIsNotBelieved) {
  establish();
  network.run(3s);
  start_server(with_secret(99));
  ASSERT_EQ(send(*user.connection, pattern(100)), std::nullopt);
  network.run(100ms);
  EXPECT_TRUE(user.closed.empty());
  network.run(10s);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::idle_timeout);
}

TEST_F(CloseTest, ResetsAreRateLimitedAndSmallerThanTheirCause) {
  std::vector<std::size_t> answers;
  network.watch = [&](const Path& path, Bytes packet) {
    if (path.local == server_at) answers.push_back(packet.size());
  };
  for (std::size_t size = 1; size <= 60; ++size) {
    auto noise = pattern(size);
    noise[0] = 0x40;  // a short header
    network.inject({client_at, server_at}, noise);
    network.run(20ms);
    if (!answers.empty()) {
      EXPECT_LT(answers.back(), size);
    }
  }
  EXPECT_EQ(answers.size(), 60u - 21u) << "keep-alives of a few dozen bytes too";
  answers.clear();
  for (int i = 0; i < 1000; ++i) {
    auto noise = pattern(100, static_cast<std::uint8_t>(i));
    noise[0] = 0x40;
    network.inject({client_at, server_at}, noise);
  }
  network.run(100ms);
  EXPECT_LE(answers.size(), 110u);
  EXPECT_GT(answers.size(), 10u);
}

TEST_F(CloseTest, StreamThatThePeerDoesNotTakeBreaksTheConnection) {
  establish();
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  network.link.loss = 1;
  user.connection->write(*stream, pattern(1 << 20), false);
  EXPECT_TRUE(user.connection->is_ready());
  user.connection->write(*stream, pattern(1), false);
  EXPECT_FALSE(user.connection->is_ready());
  EXPECT_TRUE(user.closed.empty()) << "events come in their own time only";
  network.link.loss = 0;
  network.run(50ms);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::transport);
  ASSERT_EQ(peer().closed.size(), 1u);
  EXPECT_EQ(peer().closed[0].kind, CloseKind::transport);
}

TEST_F(CloseTest, CloseOfABrokenConnectionIsTheLastWordToo) {
  establish();
  const auto stream = user.connection->open_stream();
  ASSERT_TRUE(stream);
  network.link.loss = 1;
  user.connection->write(*stream, pattern((1 << 20) + 1), false);  // breaks it
  user.close();
  network.run(1s);
  EXPECT_TRUE(user.closed.empty());
  EXPECT_EQ(client->connections(), 0u);
}

}  // namespace
}  // namespace oneping::quic
