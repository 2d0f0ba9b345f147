// For tests: a device's session and an edge on a virtual network, with real handshakes.
#pragma once

#include "device/session.h"
#include "device/testing/fake_edge.h"
#include "quic/server_certificate.h"

namespace oneping::device::testing {

class RecordedSession final : public SessionEvents {
 public:
  void on_session_up(Time) override { ++ups; }
  void on_terms_changed(Time) override { ++changes; }
  void on_session_down(const Problem& why, Time) override { downs.push_back(why); }
  void on_attempt_failed(const Problem& why, Time) override { failures.push_back(why); }
  void on_packet(Bytes packet, Time) override {
    packets.emplace_back(packet.begin(), packet.end());
  }
  void on_bad_datagram(DropReason why, Time) override { lost.push_back(why); }
  void on_packet_size_changed(Time) override { sizes.push_back(session->link().max_packet_size()); }

  Session* session = nullptr;
  int ups = 0;
  int changes = 0;
  std::vector<Problem> downs;
  std::vector<Problem> failures;
  std::vector<Octets> packets;
  std::vector<DropReason> lost;
  std::vector<std::size_t> sizes;
};

// The network, the edge and a dialer; who uses them is a test's business.
class EdgeWorld : public ::testing::Test, protected Dialer {
 protected:
  static constexpr std::uint64_t kSeed = 20261130;

  EdgeWorld() : network(kSeed) {
    RecordProperty("seed", std::to_string(kSeed));
    start_edge();
    use_certificate(ours());
  }
  ~EdgeWorld() override {
    for (const auto& each : clients) network.detach(*each);
  }
  // Of the device, once a turn.
  virtual void turn(Time now) = 0;

  static quic::Validity ours() { return {real_now() - 1h, real_now() + 30 * 24h}; }
  [[nodiscard]] WallTime wall() const {
    return real_now() + clock_error +
           std::chrono::floor<std::chrono::seconds>(network.now - Time{});
  }

  // The edge's process begins, with the same secrets as before.
  void start_edge(const quic::CertificateBundle& identity = authority()) {
    quic::EndpointOptions options;
    options.static_secret.fill(1);
    options.transport.idle_timeout = 30s;
    options.transport.keep_alive = {};
    const auto tls = quic::TlsContext::server({.certificate_pem = identity.certificate_pem,
                                               .key_pem = identity.key_pem,
                                               .alpn = {masque::kDeviceAlpn},
                                               .client_ca_pem = identity.ca_pem});
    ASSERT_TRUE(tls) << tls.error().message;
    server = std::make_unique<quic::Endpoint>(options, *tls, network.random, &edge);
    for (const SocketAddress& at : edge_at) network.attach(at, *server);
  }
  // Without a word.
  void kill_edge() {
    network.detach(*server);
    edge.crash();
    server.reset();
  }
  // New connections show this one.
  void use_certificate(const quic::Validity& validity) {
    certificate = sign(device_key().request_pem, validity);
    quic::EndpointOptions options;
    options.transport.idle_timeout = 30s;
    const auto tls = quic::TlsContext::client({.server_name = masque::kEdgeServerName,
                                               .alpn = {masque::kDeviceAlpn},
                                               .ca_pem = authority().ca_pem,
                                               .pins = {},
                                               .certificate_pem = certificate,
                                               .key_pem = device_key().key_pem});
    ASSERT_TRUE(tls) << tls.error().message;
    clients.push_back(std::make_unique<quic::Endpoint>(options, *tls, network.random, nullptr));
    ++port;
    local.port = port;
    for (const IpAddress& host : hosts) network.attach({host, port}, *clients.back());
  }

  // Everybody's timers, a millisecond a turn.
  void run(Duration span, Duration step = 1ms) {
    for (const Time until = network.now + span; network.now < until;) {
      network.run(std::min<Duration>(step, until - network.now));
      for (const auto& end : edge.ends) {
        if (end->server) end->server->on_time(network.now);
      }
      turn(network.now);
      network.flush();
    }
  }
  bool run_until(const std::function<bool()>& done, Duration limit = 30s) {
    const Time until = network.now + limit;
    while (!done() && network.now < until) run(1ms);
    return done();
  }
  [[nodiscard]] std::size_t at_edge() const {
    std::size_t packets = 0;
    for (const auto& end : edge.ends) packets += end->packets.size();
    return packets;
  }
  // Dialer
  tl::expected<quic::Connection*, Problem> dial(unsigned attempt, quic::ConnectionEvents& to,
                                                Time now) override {
    ++dials;
    if (dial_problem) return tl::make_unexpected(*dial_problem);
    const SocketAddress& edge_address = edge_at[attempt % edge_at.size()];
    auto made = clients.back()->connect({local, edge_address}, to, now);
    if (!made) return tl::make_unexpected(Problem{Trouble::broken, made.error().message});
    return *made;
  }
  [[nodiscard]] std::optional<IpAddress> source_towards(const IpAddress&) const override {
    if (dial_problem) return std::nullopt;
    return local.address;
  }
  [[nodiscard]] std::vector<IpAddress> edge_addresses() const override {
    std::vector<IpAddress> addresses;
    for (const SocketAddress& each : edge_at) addresses.push_back(each.address);
    return addresses;
  }

  std::vector<SocketAddress> edge_at{address("192.0.2.1:7844")};
  const std::vector<IpAddress> hosts{*IpAddress::parse("198.51.100.2"),
                                     *IpAddress::parse("203.0.113.9")};
  std::uint16_t port = 40000;
  SocketAddress local{hosts[0], port};
  std::optional<Problem> dial_problem;
  int dials = 0;
  std::chrono::seconds clock_error{};

  PacketPool pool;
  quic::testing::VirtualNetwork network;
  FakeEdge edge;
  std::string certificate;
  std::vector<std::unique_ptr<quic::Endpoint>> clients;
  std::unique_ptr<quic::Endpoint> server;
};

class SessionWorld : public EdgeWorld {
 protected:
  SessionWorld()
      : session(std::make_unique<Session>(SessionOptions{.wish = {"edge.example:7844"},
                                                         .masque = {},
                                                         .wall_clock = [this] { return wall(); }},
                                          ours(), static_cast<Dialer&>(*this), events,
                                          network.random)) {
    events.session = session.get();
  }
  void turn(Time now) override {
    if (session->next_deadline() <= now) session->on_time(now);
    session->run(now);
  }
  void establish() {
    session->start(network.now);
    ASSERT_TRUE(run_until([&] { return session->is_up(); }))
        << (events.failures.empty() ? "nothing happened" : events.failures.back().text);
  }

  std::optional<DropReason> send(std::size_t size = 100) {
    auto packet = pool.allocate(size);
    EXPECT_TRUE(packet);
    std::ranges::fill(packet->bytes(), std::uint8_t{0x45});
    return session->link().send(*packet, network.now);
  }
  static constexpr Duration kGap = 10ms;
  // Sends a packet every `gap`; how long the longest stretch was in which none was answered.
  Duration longest_silence(Duration span, Duration gap = kGap) {
    edge.when_packet = [this](FakeEdge::End& end, Bytes packet) {
      auto copy = pool.copy(packet);
      std::ignore = end.server->link().send(*copy, network.now);
    };
    Duration longest{};
    Time heard = network.now;
    std::size_t seen = events.packets.size();
    for (const Time until = network.now + span; network.now < until;) {
      std::ignore = send();
      run(gap);
      if (events.packets.size() > seen) heard = network.now;
      seen = events.packets.size();
      longest = std::max(longest, network.now - heard);
    }
    return longest;
  }

  RecordedSession events;
  std::unique_ptr<Session> session;
};

}  // namespace oneping::device::testing
