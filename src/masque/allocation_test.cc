// No allocation for an IP packet of a session once everything has grown to its size: counted while
// only the two ends run.
#include <gtest/gtest.h>

#include "masque/testing/ends.h"
#include "quic/testing/preallocated_wire.h"
#include "test/support/allocations.h"

namespace oneping::masque {
namespace {

using namespace testing;

class CountingEdge final : public quic::Acceptor, public MasqueServerEvents {
 public:
  quic::ConnectionEvents& on_connection(quic::Connection& connection, Time) override {
    server = std::make_unique<MasqueServer>(connection, MasqueServerOptions{}, *this);
    return server->quic_events();
  }
  void on_request(MasqueServer&, StreamId, HttpRequest, Time) override {}
  tl::expected<SessionGrant, SessionRefusal> on_session_request(MasqueServer&, const HttpRequest&,
                                                                Time) override {
    return SessionGrant{{prefix("100.96.0.7"), prefix("fd00::7")}, {}};
  }
  void on_session_open(MasqueServer&, Time) override {}
  void on_packet(MasqueServer& at, Bytes packet, Time now) override {
    ++packets;
    auto answer = pool.copy(packet);
    ASSERT_TRUE(answer);
    ASSERT_EQ(at.link().send(*answer, now), std::nullopt);
  }
  void on_bad_datagram(MasqueServer&, DropReason, Time) override { FAIL(); }
  void on_session_closed(MasqueServer&, const std::string&, Time) override { FAIL(); }
  void on_path_changed(MasqueServer&, Time) override {}
  void on_closed(MasqueServer&, const quic::CloseInfo&, Time) override { FAIL(); }

  PacketPool pool;
  std::unique_ptr<MasqueServer> server;
  std::size_t packets = 0;
};

class CountingDevice final : public MasqueClientEvents {
 public:
  void on_ready(Time now) override { ASSERT_TRUE(client.open_session({"edge.example"}, now)); }
  void on_response(StreamId, std::optional<HttpResponse>, Time) override {}
  void on_session_open(Time) override { open = true; }
  void on_session_changed(Time) override {}
  void on_packet(Bytes, Time) override { ++packets; }
  void on_bad_datagram(DropReason, Time) override { FAIL(); }
  void on_session_closed(std::optional<int>, const std::string& why, Time) override {
    FAIL() << why;
  }
  void on_goaway(Time) override {}
  void on_packet_size_changed(Time) override {}
  void on_path_changed(Time) override {}
  void on_closed(const quic::CloseInfo& info, Time) override { FAIL() << info.reason; }

  MasqueClient client{MasqueClientOptions{}, *this};
  bool open = false;
  std::size_t packets = 0;
};

TEST(Allocation, NoneForAnIpPacketAfterWarmUp) {
  SeededRandom random(1);
  CountingEdge edge;
  CountingDevice device;
  quic::Endpoint server(quic::testing::with_secret(1), h3_server_tls(), random, &edge);
  quic::Endpoint client(quic::testing::with_secret(2), h3_client_tls(), random, nullptr);
  const quic::Path path{address("198.51.100.2:40000"), address("192.0.2.1:443")};
  PacketPool pool;
  quic::testing::PreallocatedWire wire;
  Time now{};
  auto made = client.connect(path, device.client.quic_events(), now);
  ASSERT_TRUE(made);
  device.client.attach(**made);

  const auto turn = [&](int packets) {
    now += 1ms;
    client.on_time(now);
    server.on_time(now);
    for (int i = 0; i < packets; ++i) {
      auto packet = pool.allocate(84);
      ASSERT_TRUE(packet);
      std::ranges::fill(packet->bytes(), std::uint8_t{1});
      ASSERT_EQ(device.client.link().send(*packet, now), std::nullopt);
    }
    client.flush(now, wire);
    wire.deliver(server, now);
    server.flush(now, wire);
    wire.deliver(client, now);
  };
  static bool counting = true;
  test::count_allocations_while = &counting;
  for (int i = 0; i < 200 && !device.open; ++i) turn(0);
  counting = false;
  ASSERT_TRUE(device.open);
  EXPECT_GT(std::exchange(test::allocations, 0), 0u) << "a session does allocate, so we can count";
  for (int i = 0; i < 2000; ++i) turn(50);

  const std::size_t before = device.packets;
  counting = true;
  for (int i = 0; i < 1000; ++i) turn(50);
  counting = false;
  EXPECT_EQ(device.packets - before, 50'000u) << "there and back";
  EXPECT_EQ(test::allocations, 0u);
}

}  // namespace
}  // namespace oneping::masque
