// The edge's end of a device's connection, fed with stream bytes and datagrams as a hostile device
// would send them, and with what its own user may do meanwhile. nghttp3 aborts the process on
// misuse, so what is looked for is any way to make us misuse it, and broken promises of the events.
#include <algorithm>
#include <map>
#include <set>

#include "fuzz/input.h"
#include "fuzz/require.h"
#include "masque/masque_server.h"

namespace oneping::masque {
namespace {

// QUIC as its user sees it: takes everything, and holds the user to the rules.
class FakeQuic final : public quic::Connection {
 public:
  std::optional<DropReason> send_datagram(Packet& datagram, Time) override {
    require(!closed);
    if (datagram.size() > max_datagram) return DropReason::too_big;
    const Packet sent(std::move(datagram));
    return std::nullopt;
  }
  std::size_t max_datagram_size() const override { return max_datagram; }
  Result<quic::StreamId> open_stream() override { return fail("a server opens none"); }
  Result<quic::StreamId> open_unidirectional_stream() override { return next_stream_ += 4; }
  void write(quic::StreamId stream, Bytes bytes, bool fin) override {
    require(!closed);
    require(bytes.empty() || bytes.data() != nullptr);
    if (finished_.contains(stream)) require(bytes.empty() && !fin);
    if (fin) finished_.insert(stream);
    written += bytes.size();
  }
  void reset_stream(quic::StreamId stream, std::uint64_t) override {
    require(!closed);
    reset.insert(stream);
  }
  std::size_t unacknowledged(quic::StreamId) const override { return 0; }
  void close(std::uint64_t, std::string_view) override {
    require(!closed);
    closed = true;
  }
  bool is_ready() const override { return !closed; }
  quic::Path path() const override { return {}; }
  quic::ConnectionStats stats() const override { return {}; }
  const StageCounters& datagram_counters() const override { return counters_; }

  std::size_t max_datagram = 1412;
  std::set<quic::StreamId> reset;
  bool closed = false;
  std::size_t written = 0;

 private:
  quic::StreamId next_stream_ = -1;
  std::set<quic::StreamId> finished_;
  StageCounters counters_;
};

class User final : public MasqueServerEvents {
 public:
  void on_request(MasqueServer& server, StreamId stream, HttpRequest request, Time) override {
    check_alive();
    require(request.body.size() <= 256);
    if (mood % 3 == 0) server.respond(stream, {200, {{"x", "y"}}, request.body});
    if (mood % 3 == 1) server.respond(stream, {404, {}, {}});
    act(server);
  }
  tl::expected<SessionGrant, SessionRefusal> on_session_request(MasqueServer& server,
                                                                const HttpRequest&, Time) override {
    check_alive();
    require(!has_session);
    act(server);
    if (mood % 5 == 4) return tl::unexpected(SessionRefusal{403, "no"});
    has_session = !closed;
    return SessionGrant{{Prefix(IpAddress::v4(0x64600007), 32)}, {}};
  }
  void on_session_open(MasqueServer& server, Time) override {
    check_alive();
    require(has_session && server.has_open_session());
    act(server);
  }
  void on_packet(MasqueServer& server, Bytes packet, Time now) override {
    check_alive();
    require(has_session && !packet.empty());
    if (auto answer = pool.copy(packet)) std::ignore = server.link().send(*answer, now);
    act(server);
  }
  void on_bad_datagram(MasqueServer& server, DropReason, Time) override {
    check_alive();
    act(server);
  }
  void on_session_closed(MasqueServer& server, const std::string&, Time) override {
    check_alive();
    require(std::exchange(has_session, false));
    require(!server.has_open_session());
  }
  void on_path_changed(MasqueServer&, Time) override { check_alive(); }
  void on_closed(MasqueServer&, const quic::CloseInfo&, Time) override {
    check_alive();
    require(!has_session);
    closed = true;
    doomed->reset();
  }

  void act(MasqueServer& server) {
    if (mood < 0xf0 || closed) return;
    if (mood < 0xf8) {
      server.end_session();
      has_session = false;
    } else {
      server.close(H3Error::no_error, "fuzz");
      closed = true;
    }
  }

  PacketPool pool;
  std::uint8_t mood = 0;
  bool has_session = false;
  bool closed = false;
  std::unique_ptr<MasqueServer>* doomed = nullptr;

 private:
  void check_alive() const { require(!closed); }
};

class Game {
 public:
  Game() {
    MasqueServerOptions options;
    options.max_body = 256;
    options.http.max_requests = 4;
    server_ = std::make_unique<MasqueServer>(quic_, options, user_);
    user_.doomed = &server_;
    server_->quic_events().on_ready(now_);
  }

  void play(FuzzInput input) {
    while (!input.empty() && !user_.closed) move(input);
    if (user_.closed || !server_) return;
    require(quic_.written < 10'000'000);
    server_->quic_events().on_closed({}, now_);
  }

 private:
  void move(FuzzInput& input) {
    const std::uint8_t what = input.byte();
    quic::ConnectionEvents& events = server_->quic_events();
    switch (what % 8) {
      case 0:
      case 1:
      case 2:
      case 3: {
        const StreamId stream = pick(input.byte());
        if (is_over(stream)) break;
        const bool fin = (what & 0x80) != 0;
        if (fin) finished_.insert(stream);
        const Bytes bytes = input.take(input.byte());
        if (!bytes.empty() || fin) events.on_stream_data(stream, bytes, fin, now_);
        break;
      }
      case 4: events.on_datagram(input.take(input.byte()), now_); break;
      case 5: {
        const StreamId stream = pick(input.byte());
        if (!closed_.insert(stream).second) break;
        events.on_stream_closed(stream, now_);
        break;
      }
      case 6:
        now_ += std::chrono::milliseconds(input.byte() * 50);
        server_->on_time(now_);
        break;
      case 7:
        user_.mood = input.byte();
        if (user_.mood == 1) server_->go_away();
        if (user_.mood == 2) server_->update_session({{Prefix(IpAddress(), 128)}, {}}, now_);
        if (user_.mood == 3) {
          quic_.max_datagram = quic_.max_datagram == 1168 ? 1412 : 1168;
          events.on_datagram_size_changed(now_);
        }
        break;
    }
  }

  // Of a device: some requests, and its three unidirectional streams.
  static StreamId pick(std::uint8_t which) {
    return which % 16 < 8 ? StreamId{which % 8} * 4 : StreamId{which % 3} * 4 + 2;
  }
  bool is_over(StreamId stream) const {
    return finished_.contains(stream) || closed_.contains(stream) || quic_.reset.contains(stream);
  }

  Time now_{std::chrono::seconds(1)};
  FakeQuic quic_;
  User user_;
  std::unique_ptr<MasqueServer> server_;
  std::set<StreamId> finished_;
  std::set<StreamId> closed_;
};

}  // namespace
}  // namespace oneping::masque

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  oneping::masque::Game game;
  game.play(oneping::FuzzInput({data, size}));
  return 0;
}
