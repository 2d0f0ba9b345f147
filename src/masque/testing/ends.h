// For tests: an edge that writes down what its devices do, a device that writes down what its edge
// does, and both on a virtual network with real handshakes.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>

#include "masque/masque_client.h"
#include "masque/masque_server.h"
#include "masque/varint.h"
#include "quic/testing/peers.h"

namespace oneping::masque::testing {

using namespace std::chrono_literals;
using quic::testing::address;
using Octets = std::vector<std::uint8_t>;

inline Prefix prefix(const char* text) { return *Prefix::parse(text); }
inline Octets octets(std::string_view text) { return {text.begin(), text.end()}; }

inline std::shared_ptr<const quic::TlsContext> h3_server_tls() {
  return *quic::TlsContext::server({quic::testing::certificates().certificate_pem,
                                    quic::testing::certificates().key_pem,
                                    {"argotunnel", "h3"},
                                    {}});
}

inline std::shared_ptr<const quic::TlsContext> h3_client_tls() {
  quic::ClientTlsOptions options = quic::testing::trusting_client();
  options.alpn = {"h3"};
  return *quic::TlsContext::client(options);
}

// The edge's end of one device.
struct EdgeEnd {
  std::unique_ptr<MasqueServer> server;
  std::vector<HttpRequest> requests;
  std::vector<StreamId> request_streams;
  int session_requests = 0;
  int opened = 0;
  std::vector<std::string> session_ends;
  std::vector<Octets> packets;
  std::vector<DropReason> lost;
  int path_changes = 0;
  std::vector<quic::CloseInfo> closed;
};

class Edge final : public quic::Acceptor, public MasqueServerEvents {
 public:
  tl::expected<SessionGrant, SessionRefusal> grant = SessionGrant{
      {prefix("100.96.0.7"), prefix("fd00::7")}, {prefix("172.16.10.0/24"), prefix("fd10::/64")}};
  MasqueServerOptions options;
  bool answers = true;  // requests, by an echo of their body
  std::function<void(EdgeEnd&)> when_packet;
  std::vector<std::unique_ptr<EdgeEnd>> ends;
  [[nodiscard]] EdgeEnd& last() { return *ends.back(); }

  quic::ConnectionEvents& on_connection(quic::Connection& connection, Time) override {
    EXPECT_EQ(connection.alpn(), "h3");
    ends.push_back(std::make_unique<EdgeEnd>());
    last().server = std::make_unique<MasqueServer>(connection, options, *this);
    return last().server->quic_events();
  }

  void on_request(MasqueServer& server, StreamId stream, HttpRequest request, Time) override {
    EdgeEnd& end = end_of(server);
    end.request_streams.push_back(stream);
    end.requests.push_back(request);
    if (!answers) return;
    HttpResponse response{201, {{"x-path", request.path}}, request.body};
    server.respond(stream, response);
  }
  tl::expected<SessionGrant, SessionRefusal> on_session_request(MasqueServer& server,
                                                                const HttpRequest&, Time) override {
    ++end_of(server).session_requests;
    return grant;
  }
  void on_session_open(MasqueServer& server, Time) override { ++end_of(server).opened; }
  void on_packet(MasqueServer& server, Bytes packet, Time) override {
    EdgeEnd& end = end_of(server);
    end.packets.emplace_back(packet.begin(), packet.end());
    if (when_packet) when_packet(end);
  }
  void on_bad_datagram(MasqueServer& server, DropReason why, Time) override {
    end_of(server).lost.push_back(why);
  }
  void on_session_closed(MasqueServer& server, const std::string& why, Time) override {
    end_of(server).session_ends.push_back(why);
  }
  void on_path_changed(MasqueServer& server, Time) override { ++end_of(server).path_changes; }
  void on_closed(MasqueServer& server, const quic::CloseInfo& info, Time) override {
    EdgeEnd& end = end_of(server);
    end.closed.push_back(info);
    end.server.reset();  // as an edge may
  }

 private:
  EdgeEnd& end_of(const MasqueServer& server) {
    return **std::ranges::find_if(ends, [&](const auto& e) { return e->server.get() == &server; });
  }
};

class Device final : public MasqueClientEvents {
 public:
  explicit Device(const MasqueClientOptions& options = {}) : client(options, *this) {}

  void on_ready(Time) override { ++ready; }
  void on_response(StreamId stream, std::optional<HttpResponse> response, Time) override {
    responses[stream] = std::move(response);
  }
  void on_session_open(Time) override { ++opened; }
  void on_session_changed(Time) override { ++changes; }
  void on_packet(Bytes packet, Time) override {
    packets.emplace_back(packet.begin(), packet.end());
  }
  void on_bad_datagram(DropReason why, Time) override { lost.push_back(why); }
  void on_session_closed(std::optional<int> status, const std::string& why, Time) override {
    statuses.push_back(status);
    session_ends.push_back(why);
  }
  void on_goaway(Time) override { ++goaways; }
  void on_packet_size_changed(Time) override {
    packet_sizes.push_back(client.link().max_packet_size());
  }
  void on_path_changed(Time) override { ++path_changes; }
  void on_closed(const quic::CloseInfo& info, Time) override { closed.push_back(info); }

  MasqueClient client;
  int ready = 0;
  std::map<StreamId, std::optional<HttpResponse>> responses;
  int opened = 0;
  int changes = 0;
  std::vector<Octets> packets;
  std::vector<DropReason> lost;
  std::vector<std::optional<int>> statuses;
  std::vector<std::string> session_ends;
  int goaways = 0;
  std::vector<std::size_t> packet_sizes;
  int path_changes = 0;
  std::vector<quic::CloseInfo> closed;
};

class MasqueTest : public ::testing::Test {
 protected:
  static constexpr std::uint64_t kSeed = 20261122;

  MasqueTest()
      : network(kSeed),
        server(quic::testing::with_secret(1), h3_server_tls(), network.random, &edge),
        client(quic::testing::with_secret(2), h3_client_tls(), network.random, nullptr) {
    RecordProperty("seed", std::to_string(kSeed));
    network.attach(edge_at, server);
    network.attach(device_at, client);
  }

  void connect(Device& who) {
    auto made = client.connect({device_at, edge_at}, who.client.quic_events(), network.now);
    ASSERT_TRUE(made) << made.error().message;
    who.client.attach(**made);
    ASSERT_TRUE(run_until([&] { return who.ready == 1; }));
  }
  void open_session(Device& who, const SessionWish& wish = {"edge.example"}) {
    const auto asked = who.client.open_session(wish, network.now);
    ASSERT_TRUE(asked) << asked.error().message;
    ASSERT_TRUE(run_until([&] { return who.opened == 1; }))
        << (who.session_ends.empty() ? "nothing happened" : who.session_ends[0]);
  }
  // Connected, with a session.
  void establish() {
    connect(device);
    open_session(device);
  }
  [[nodiscard]] EdgeEnd& end() { return edge.last(); }
  [[nodiscard]] MasqueServer& at_edge() { return *edge.last().server; }

  std::optional<DropReason> send(Link& link, Bytes bytes) {
    auto packet = pool.copy(bytes);
    EXPECT_TRUE(packet);
    const auto refusal = link.send(*packet, network.now);
    if (refusal) {
      EXPECT_TRUE(std::ranges::equal(packet->bytes(), bytes)) << "a refused packet is as it was";
    }
    return refusal;
  }

  // The network, and the timers of both ends.
  void run(Duration span) {
    for (const Time until = network.now + span; network.now < until;) {
      network.run(std::min<Duration>(1ms, until - network.now));
      for (const auto& each : edge.ends) {
        if (each->server) each->server->on_time(network.now);
      }
      device.client.on_time(network.now);
      network.flush();
    }
  }
  bool run_until(const std::function<bool()>& done, Duration limit = 30s) {
    const Time until = network.now + limit;
    while (!done() && network.now < until) run(1ms);
    return done();
  }

  const SocketAddress device_at = address("198.51.100.2:40000");
  const SocketAddress edge_at = address("192.0.2.1:443");
  PacketPool pool;
  quic::testing::VirtualNetwork network;
  Edge edge;
  Device device;
  quic::Endpoint server;
  quic::Endpoint client;
};

}  // namespace oneping::masque::testing
