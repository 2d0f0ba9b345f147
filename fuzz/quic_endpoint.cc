// Two QUIC endpoints under an adversary: the input is a list of things that their users, the
// network and strangers do. ngtcp2 aborts the process on misuse, so what is looked for is any way
// to make us misuse it, and the invariants of the datagram counters.
#include <deque>

#include "base/packet.h"
#include "fuzz/input.h"
#include "fuzz/require.h"
#include "quic/server_certificate.h"
#include "quic/testing/virtual_network.h"
#include "quic/tls.h"

namespace oneping::quic {
namespace {

using namespace std::chrono_literals;

class User final : public ConnectionEvents {
 public:
  void on_ready(Time) override { check_alive(); }
  void on_datagram(Bytes, Time) override {
    check_alive();
    if (close_in_event) close();
  }
  void on_stream_data(StreamId id, Bytes, bool, Time) override {
    check_alive();
    last_stream = id;
    if (close_in_event) close();
    if (reset_in_event && connection != nullptr) connection->reset_stream(id, 1);
  }
  void on_stream_closed(StreamId, Time) override { check_alive(); }
  void on_closed(const CloseInfo&, Time) override {
    check_alive();
    require(connection->datagram_counters().held() == 0);
    connection = nullptr;
  }
  void close() {
    if (connection != nullptr) connection->close(1, "fuzz");
    connection = nullptr;
  }

  Connection* connection = nullptr;
  StreamId last_stream = 0;
  bool close_in_event = false;
  bool reset_in_event = false;

 private:
  void check_alive() const { require(connection != nullptr); }
};

class Users final : public Acceptor {
 public:
  User& add() { return users_.emplace_back(); }
  ConnectionEvents& on_connection(Connection& connection, Time) override {
    User& user = add();
    user.connection = &connection;
    return user;
  }
  User& pick(std::uint8_t which) { return users_[which % users_.size()]; }

 private:
  std::deque<User> users_;
};

struct Certificates {
  Certificates() {
    const auto bundle = make_server_certificate({"edge.example"});
    require(bundle.has_value());
    server = *TlsContext::server({bundle->certificate_pem, bundle->key_pem, {"fuzz"}});
    ClientTlsOptions options;
    options.server_name = "edge.example";
    options.alpn = {"fuzz"};
    options.ca_pem = bundle->ca_pem;
    client = *TlsContext::client(options);
  }
  std::shared_ptr<const TlsContext> server;
  std::shared_ptr<const TlsContext> client;
};

class Game {
 public:
  explicit Game(const Certificates& certificates)
      : server_(options(), certificates.server, network_.random, &users_),
        client_(options(), certificates.client, network_.random, nullptr) {
    network_.attach(kServer, server_);
    network_.attach(kClient, client_);
    network_.attach(kElsewhere, client_);
    network_.watch = [this](const Path& path, Bytes packet) {
      last_ = {path, {packet.begin(), packet.end()}};
    };
    connect();
  }

  void play(FuzzInput input) {
    for (int moves = 0; !input.empty() && moves < 300; ++moves) move(input);
    network_.run(1s);
  }

 private:
  static inline const SocketAddress kServer = testing::address("192.0.2.1:7844");
  static inline const SocketAddress kClient = testing::address("198.51.100.2:40000");

  static inline const SocketAddress kElsewhere = testing::address("203.0.113.9:41000");

  static EndpointOptions options() {
    EndpointOptions options;
    options.static_secret.fill(1);
    options.retry_above = 2;
    options.max_connections = 4;
    options.transport.max_stream_backlog = 8192;
    options.transport.datagram_queue_packets = 32;
    return options;
  }

  void connect() {
    User& user = users_.add();
    if (auto made = client_.connect({kClient, kServer}, user, network_.now)) {
      user.connection = *made;
    }
  }

  void move(FuzzInput& input) {
    const std::uint8_t what = input.byte();
    User& user = users_.pick(input.byte());
    Connection* const connection = user.connection;
    switch (what % 16) {
      case 0: network_.run(std::chrono::microseconds(input.number())); break;
      case 1: network_.run(std::chrono::milliseconds(input.byte() * 8)); break;
      case 2: network_.inject({kClient, kServer}, input.take(input.number() % 1500)); break;
      case 3: network_.inject({kServer, kClient}, input.take(input.number() % 1500)); break;
      case 4: replay(input); break;
      case 5:
      case 6: send_datagram(connection, input.number() % 1600); break;
      case 7:
        for (int i = 0; i < 64; ++i) send_datagram(connection, input.byte());
        break;
      case 8:
        if (connection != nullptr) {
          if (auto stream = connection->open_stream()) user.last_stream = *stream;
        }
        break;
      case 9:
      case 10: {
        const std::vector<std::uint8_t> bytes(input.number() % 6000, 7);
        if (connection != nullptr) connection->write(user.last_stream, bytes, what % 16 == 10);
        break;
      }
      case 11:
        if (connection != nullptr) connection->reset_stream(user.last_stream, input.byte());
        break;
      case 12: user.last_stream = static_cast<StreamId>(input.byte()) - 8; break;
      case 13:
        user.close_in_event = (input.byte() & 1) != 0;
        user.reset_in_event = !user.close_in_event;
        break;
      case 14: change_network(input, connection); break;
      case 15:
        if ((input.byte() & 1) != 0) {
          user.close();
        } else {
          connect();
        }
        break;
    }
    if (user.connection != nullptr) {
      const StageCounters& counters = user.connection->datagram_counters();
      require(counters.held() <= 32);
      std::ignore = user.connection->stats();
      std::ignore = user.connection->path();
    }
  }

  // The last packet once more, spoilt, cut, or from elsewhere.
  void replay(FuzzInput& input) {
    if (last_.bytes.empty()) return;
    std::vector<std::uint8_t> packet = last_.bytes;
    packet[input.number() % packet.size()] ^= input.byte();
    packet.resize(1 + input.number() % packet.size());
    Path path = last_.path;
    if ((input.byte() & 1) != 0) path.local.port ^= 1;
    network_.inject(path, packet);
  }

  void send_datagram(Connection* connection, std::size_t size) {
    auto packet = pool_.allocate(size);
    if (!packet || connection == nullptr) return;
    std::ranges::fill(packet->bytes(), std::uint8_t{1});
    const bool fits = size <= connection->max_datagram_size() && connection->is_ready();
    require(!connection->send_datagram(*packet, network_.now) || !fits ||
            connection->max_datagram_size() == 0);
  }

  void change_network(FuzzInput& input, Connection* connection) {
    network_.link.loss = input.byte() / 512.0;
    network_.link.duplication = input.byte() / 512.0;
    network_.link.jitter = std::chrono::milliseconds(input.byte());
    network_.link.max_udp_payload = 1200 + input.byte();
    SocketAddress outside = kClient;
    outside.port = static_cast<std::uint16_t>(40000 + input.byte() % 4);
    network_.translate(kClient, outside);
    // A client that moves of its own accord, there and back.
    const std::uint8_t where = input.byte();
    if (connection != nullptr && where >= 0xf0) {
      std::ignore = connection->migrate((where & 1) != 0 ? kElsewhere : kClient, network_.now);
    }
  }

  struct Sent {
    Path path;
    std::vector<std::uint8_t> bytes;
  };
  PacketPool pool_;
  testing::VirtualNetwork network_{1};
  Sent last_;
  Users users_;
  Endpoint server_;
  Endpoint client_;
};

}  // namespace
}  // namespace oneping::quic

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const oneping::quic::Certificates certificates;
  oneping::quic::Game game(certificates);
  game.play(oneping::FuzzInput({data, size}));
  return 0;
}
