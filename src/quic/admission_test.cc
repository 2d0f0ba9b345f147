// Which first packets a server takes, and at what price.
#include <gtest/gtest.h>

#include "quic/testing/peers.h"

namespace oneping::quic {
namespace {

using namespace testing;

class AdmissionTest : public QuicTest {
 protected:
  // A long header of this version and type bits, padded to `size` bytes.
  static std::vector<std::uint8_t> long_header(std::uint32_t version, std::size_t size) {
    std::vector<std::uint8_t> packet(size, 0x5a);
    packet[0] = 0xc0;  // Initial
    store_be32(&packet[1], version);
    packet[5] = 8;   // destination id
    packet[14] = 8;  // source id
    return packet;
  }
  // What the server sends.
  void count_answers() {
    network.watch = [this](const Path& path, Bytes packet) {
      if (path.local == server_at) answers.emplace_back(packet.begin(), packet.end());
    };
  }
  std::vector<std::vector<std::uint8_t>> answers;
};

TEST_F(AdmissionTest, RetryProvesAddressesWhenManyAreHalfOpen) {
  EndpointOptions options = with_secret(1);
  options.retry_above = 0;
  start_server(options);
  std::size_t before_retry = 0;
  connect(user);
  network.run(15ms);
  before_retry = server->stats().handshakes_started;
  EXPECT_EQ(before_retry, 0u) << "nothing is kept for a client that has proved nothing";
  ASSERT_TRUE(network.run_until([&] { return user.ready == 1; }));
  EXPECT_EQ(server->stats().handshakes_started, 1u);
}

TEST_F(AdmissionTest, RetryUnderLoss) {
  EndpointOptions options = with_secret(1);
  options.retry_above = 0;
  options.transport.handshake_timeout = 30s;
  options.transport.idle_timeout = 30s;
  start_server(options);
  start_client(options, *TlsContext::client(trusting_client()));
  network.link.loss = 0.2;
  network.link.jitter = 20ms;
  establish();
}

TEST_F(AdmissionTest, HalfOpenConnectionsAreCountedDownAgain) {
  EndpointOptions options = with_secret(1);
  options.retry_above = 1;
  start_server(options);
  for (int i = 0; i < 5; ++i) {
    user = {};
    establish();
    user.close();
    network.run(20ms);
  }
  count_answers();
  RecordingUser late;
  connect(late);
  network.run(11ms);
  ASSERT_FALSE(answers.empty());
  EXPECT_NE(answers[0][0] & 0x30, 0x30) << "a Retry, though nobody is half open";
}

// A token is good for one address only.
TEST_F(AdmissionTest, TokenFromAnotherAddressIsRefused) {
  EndpointOptions options = with_secret(1);
  options.retry_above = 0;
  start_server(options);
  connect(user);
  network.run(15ms);  // the Retry is under way
  const SocketAddress elsewhere = address("198.51.100.99:40000");
  network.translate(client_at, elsewhere);
  network.run(1s);
  ASSERT_EQ(user.closed.size(), 1u);
  EXPECT_EQ(user.closed[0].kind, CloseKind::refused);
  EXPECT_EQ(user.closed[0].reason, "the peer refused us: invalid token");
}

TEST_F(AdmissionTest, FullServerRefuses) {
  EndpointOptions options = with_secret(1);
  options.max_connections = 1;
  start_server(options);
  establish();
  RecordingUser second;
  connect(second);
  network.run(100ms);
  ASSERT_EQ(second.closed.size(), 1u);
  EXPECT_EQ(second.closed[0].kind, CloseKind::refused);
  EXPECT_EQ(second.closed[0].reason, "the peer refused us: connection refused");
  EXPECT_EQ(server->connections(), 1u);
}

TEST_F(AdmissionTest, ManyConnections) {
  std::vector<std::unique_ptr<RecordingUser>> users;
  for (int i = 0; i < 100; ++i) {
    users.push_back(std::make_unique<RecordingUser>());
    connect(*users.back());
  }
  network.run(1s);
  for (const auto& each : users) EXPECT_EQ(each->ready, 1);
  EXPECT_EQ(server->connections(), 100u);
  for (const auto& each : users) std::ignore = send(*each->connection, pattern(50));
  network.run(100ms);
  for (const auto& each : acceptor.users) EXPECT_EQ(each->datagrams.size(), 1u);
  for (const auto& each : users) each->close();
  network.run(10s);
  EXPECT_EQ(server->connections(), 0u);
  EXPECT_EQ(server->next_deadline(), kNever);
}

TEST_F(AdmissionTest, UnknownVersionIsNegotiated) {
  count_answers();
  network.inject({client_at, server_at}, long_header(0x12345678, 1200));
  network.run(50ms);
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(load_be32(&answers[0][1]), 0u) << "RFC 8999, 6";
  EXPECT_EQ(load_be32(&answers[0][answers[0].size() - 4]), 1u) << "version 1 is offered";
}

TEST_F(AdmissionTest, GarbageGetsNoAnswer) {
  count_answers();
  network.inject({client_at, server_at}, long_header(0x12345678, 1199));
  network.inject({client_at, server_at}, long_header(0, 1200));  // itself a negotiation
  network.inject({client_at, server_at}, long_header(1, 1199));
  network.inject({client_at, server_at}, long_header(1, 1200));  // cannot be decrypted
  network.inject({client_at, server_at}, {});
  network.inject({client_at, server_at}, pattern(3));
  network.run(10s);
  EXPECT_TRUE(answers.empty());
  EXPECT_TRUE(acceptor.users.empty());
  EXPECT_EQ(server->connections(), 0u);
}

TEST_F(AdmissionTest, ClientEndpointTakesNobodyIn) {
  count_answers();
  RecordingUser stranger;
  auto made = client->connect({client_at, client_at}, stranger, network.now);  // itself
  ASSERT_TRUE(made);
  network.run(10s);
  ASSERT_EQ(stranger.closed.size(), 1u);
  EXPECT_EQ(stranger.closed[0].kind, CloseKind::handshake_timeout);
}

TEST_F(AdmissionTest, ServerEndpointCannotConnect) {
  RecordingUser nobody;
  EXPECT_FALSE(server->connect({server_at, client_at}, nobody, network.now));
}

}  // namespace
}  // namespace oneping::quic
