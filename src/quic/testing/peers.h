// For tests: users of connections that write down what happens to them, and a client and a server
// on a virtual network.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "base/packet.h"
#include "quic/server_certificate.h"
#include "quic/testing/virtual_network.h"
#include "quic/tls_context.h"

namespace oneping::quic::testing {

using namespace std::chrono_literals;

inline std::vector<std::uint8_t> pattern(std::size_t size, std::uint8_t start = 0) {
  std::vector<std::uint8_t> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(start + i * 7);
  return bytes;
}

// Remembers everything; may be given something to do in an event.
class RecordingUser final : public ConnectionEvents {
 public:
  void on_ready(Time) override {
    expect_alive();
    ++ready;
    if (when_ready) when_ready();
  }
  void on_datagram(Bytes datagram, Time) override {
    expect_alive();
    EXPECT_GT(ready, 0) << "a datagram before on_ready";
    datagrams.emplace_back(datagram.begin(), datagram.end());
    if (when_datagram) when_datagram();
  }
  void on_stream_data(StreamId stream, Bytes bytes, bool fin, Time) override {
    expect_alive();
    EXPECT_FALSE(finished[stream]) << "data after fin";
    received[stream].append(bytes.begin(), bytes.end());
    finished[stream] = fin;
    if (when_stream_data) when_stream_data(stream);
  }
  void on_stream_closed(StreamId stream, Time) override {
    expect_alive();
    ++streams_closed[stream];
  }
  void on_path_changed(Time) override {
    expect_alive();
    ++path_changes;
  }
  void on_datagram_size_changed(Time) override {
    expect_alive();
    if (connection != nullptr) datagram_sizes.push_back(connection->max_datagram_size());
  }
  void on_closed(const CloseInfo& info, Time) override {
    expect_alive();
    closed.push_back(info);
    over = true;
    if (when_closed) when_closed();
  }
  void close(std::uint64_t code = 0, std::string_view reason = "") {
    over = true;
    connection->close(code, reason);
  }

  Connection* connection = nullptr;
  int ready = 0;
  std::vector<std::vector<std::uint8_t>> datagrams;
  std::map<StreamId, std::string> received;
  std::map<StreamId, bool> finished;
  std::map<StreamId, int> streams_closed;
  std::vector<CloseInfo> closed;
  int path_changes = 0;
  std::vector<std::size_t> datagram_sizes;
  bool over = false;  // no event may come any more
  std::function<void()> when_ready;
  std::function<void()> when_datagram;
  std::function<void(StreamId)> when_stream_data;
  std::function<void()> when_closed;

 private:
  void expect_alive() const { EXPECT_FALSE(over) << "an event after the end"; }
};

class RecordingAcceptor final : public Acceptor {
 public:
  ConnectionEvents& on_connection(Connection& connection, Time) override {
    users.push_back(std::make_unique<RecordingUser>());
    RecordingUser& user = *users.back();
    user.connection = &connection;
    if (when_accepted) when_accepted(user);
    return user;
  }
  std::vector<std::unique_ptr<RecordingUser>> users;
  std::function<void(RecordingUser&)> when_accepted;
};

// One certificate for all tests: making one takes a while.
inline const CertificateBundle& certificates() {
  static const CertificateBundle bundle =
      *make_server_certificate({"edge.example", "192.0.2.1", "2001:db8::1"});
  return bundle;
}

inline std::shared_ptr<const TlsContext> server_tls() {
  return *TlsContext::server({certificates().certificate_pem, certificates().key_pem, {"test"}});
}

inline ClientTlsOptions trusting_client() {
  ClientTlsOptions options;
  options.server_name = "edge.example";
  options.alpn = {"test"};
  options.ca_pem = certificates().ca_pem;
  return options;
}

inline EndpointOptions with_secret(std::uint8_t secret) {
  EndpointOptions options;
  options.static_secret.fill(secret);
  return options;
}

// A client endpoint and a server endpoint, ready for a connection.
class QuicTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kSeed = 20260714;

  QuicTest() : network(kSeed) {
    RecordProperty("seed", std::to_string(kSeed));
    start_server(with_secret(1));
    start_client(with_secret(2), *TlsContext::client(trusting_client()));
  }

  void start_server(EndpointOptions options, std::shared_ptr<const TlsContext> tls = server_tls()) {
    if (server) network.detach(*server);
    server = std::make_unique<Endpoint>(options, std::move(tls), network.random, &acceptor);
    network.attach(server_at, *server);
  }
  void start_client(EndpointOptions options, std::shared_ptr<const TlsContext> tls) {
    if (client) network.detach(*client);
    client = std::make_unique<Endpoint>(options, std::move(tls), network.random, nullptr);
    network.attach(client_at, *client);
  }

  Connection& connect(RecordingUser& by) {
    auto made = client->connect({client_at, server_at}, by, network.now);
    EXPECT_TRUE(made) << made.error().message;
    by.connection = *made;
    return **made;
  }
  // Both ends ready.
  void establish() {
    connect(user);
    ASSERT_TRUE(network.run_until([&] {
      return user.ready == 1 && !acceptor.users.empty() && peer().ready == 1;
    })) << (user.closed.empty() ? "no end" : user.closed[0].reason);
  }
  RecordingUser& peer() { return *acceptor.users.back(); }

  std::optional<DropReason> send(Connection& from, Bytes bytes) {
    auto packet = pool.copy(bytes);
    EXPECT_TRUE(packet);
    return from.send_datagram(*packet, network.now);
  }

  // The client alone meets this end.
  CloseInfo expect_refusal() {
    connect(user);
    network.run_until([&] { return !user.closed.empty(); });
    EXPECT_EQ(user.ready, 0);
    EXPECT_EQ(user.closed.size(), 1u);
    return user.closed.empty() ? CloseInfo{} : user.closed[0];
  }

  const SocketAddress client_at = address("198.51.100.2:40000");
  const SocketAddress server_at = address("192.0.2.1:7844");
  PacketPool pool;
  VirtualNetwork network;
  RecordingAcceptor acceptor;
  RecordingUser user;
  std::unique_ptr<Endpoint> server;
  std::unique_ptr<Endpoint> client;
};

inline std::string to_text(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

}  // namespace oneping::quic::testing
