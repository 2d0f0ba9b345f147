// A quic::Connection without QUIC, and two of them wired to each other: what one end queues, the
// other gets at the next deliver(). Streams are reliable; datagrams too. Any use of a connection
// after its end stops the program: that is a bug of its user, whatever the test is about.
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "quic/connection.h"

namespace oneping::tunnel::testing {

using ByteString = std::vector<std::uint8_t>;

enum class Side : std::uint8_t { client, server };

class FakeConnection final : public quic::Connection {
 public:
  // What one side has done to a stream.
  struct Stream {
    ByteString written;
    bool finished = false;
    bool reset = false;
  };
  struct Close {
    std::uint64_t code = 0;
    std::string reason;
  };
  // In the order in which the other end will see it.
  struct Action {
    enum class Kind : std::uint8_t { stream_data, reset, datagram, close };
    Kind kind;
    quic::StreamId stream = 0;
    ByteString bytes;
    bool fin = false;
  };

  explicit FakeConnection(Side side) : next_stream_(side == Side::client ? 0 : 1) {}

  // Set by tests.
  bool ready = true;
  std::size_t max_datagram = 1350;
  std::size_t streams_allowed = 100;

  // Read by tests.
  std::map<quic::StreamId, Stream> streams;
  std::vector<ByteString> datagrams;
  std::optional<Close> closed;  // by its own user
  std::deque<Action> actions;

  // The connection has ended: on_closed() has been delivered.
  void end() { ended_ = true; }
  [[nodiscard]] bool ended() const { return ended_ || closed.has_value(); }

  [[nodiscard]] std::optional<DropReason> send_datagram(Packet& datagram, Time now) override;
  [[nodiscard]] std::size_t max_datagram_size() const override;
  [[nodiscard]] Result<quic::StreamId> open_stream() override;
  void write(quic::StreamId stream, Bytes bytes, bool fin) override;
  void reset_stream(quic::StreamId stream, std::uint64_t code) override;
  [[nodiscard]] std::size_t unacknowledged(quic::StreamId stream) const override;
  void close(std::uint64_t code, std::string_view reason) override;
  [[nodiscard]] bool is_ready() const override;
  [[nodiscard]] quic::Path path() const override { return {}; }
  [[nodiscard]] quic::ConnectionStats stats() const override { return {}; }
  [[nodiscard]] const StageCounters& datagram_counters() const override { return counters_; }

 private:
  void expect_alive() const;

  quic::StreamId next_stream_;
  bool ended_ = false;
  StageCounters counters_;
};

class FakeQuicPair {
 public:
  [[nodiscard]] FakeConnection& client() { return client_.connection; }
  [[nodiscard]] FakeConnection& server() { return server_.connection; }
  void set_events(quic::ConnectionEvents& client, quic::ConnectionEvents& server) {
    client_.events = &client;
    server_.events = &server;
  }

  // Brings to each end what the other has queued so far, stream bytes in pieces of `piece` bytes.
  // False if there was nothing.
  bool deliver(Time now, std::size_t piece = SIZE_MAX);

 private:
  struct End {
    FakeConnection connection;
    quic::ConnectionEvents* events = nullptr;
    std::map<quic::StreamId, bool> finished_by_peer;
  };

  static void carry(End& from, End& to, const FakeConnection::Action& action, Time now,
                    std::size_t piece);
  static void close_stream_if_done(End& from, End& to, quic::StreamId stream, Time now);

  End client_{FakeConnection(Side::client), nullptr, {}};
  End server_{FakeConnection(Side::server), nullptr, {}};
};

}  // namespace oneping::tunnel::testing
