// No allocation for a datagram or a packet once everything has grown to its size: counted while
// only the endpoints run.
#include <gtest/gtest.h>

#include "quic/testing/peers.h"
#include "quic/testing/preallocated_wire.h"
#include "test/support/allocations.h"

namespace oneping::quic {
namespace {

using namespace testing;

class CountingUser final : public ConnectionEvents {
 public:
  void on_ready(Time) override { ready = true; }
  void on_datagram(Bytes, Time) override { ++datagrams; }
  void on_stream_data(StreamId, Bytes, bool, Time) override {}
  void on_stream_closed(StreamId, Time) override {}
  void on_closed(const CloseInfo&, Time) override { FAIL() << "closed"; }
  bool ready = false;
  std::size_t datagrams = 0;
};

class OneUser final : public Acceptor {
 public:
  ConnectionEvents& on_connection(Connection&, Time) override { return user; }
  CountingUser user;
};

TEST(Allocation, NoneForADatagramAfterWarmUp) {
  SeededRandom random(1);
  OneUser acceptor;
  CountingUser user;
  Endpoint server(with_secret(1), server_tls(), random, &acceptor);
  Endpoint client(with_secret(2), *TlsContext::client(trusting_client()), random, nullptr);
  const Path path{address("198.51.100.2:40000"), address("192.0.2.1:7844")};
  PacketPool pool;
  PreallocatedWire wire;
  Time now{};
  auto made = client.connect(path, user, now);
  ASSERT_TRUE(made);

  const auto turn = [&](int datagrams) {
    now += 1ms;
    client.on_time(now);
    server.on_time(now);
    for (int i = 0; i < datagrams; ++i) {
      auto packet = pool.allocate(84);
      ASSERT_TRUE(packet);
      std::ranges::fill(packet->bytes(), std::uint8_t{1});
      ASSERT_EQ((*made)->send_datagram(*packet, now), std::nullopt);
    }
    client.flush(now, wire);
    wire.deliver(server, now);
    server.flush(now, wire);
    wire.deliver(client, now);
  };
  static bool counting = true;
  test::count_allocations_while = &counting;
  for (int i = 0; i < 100 && !user.ready; ++i) turn(0);
  counting = false;
  ASSERT_TRUE(user.ready);
  EXPECT_GT(std::exchange(test::allocations, 0), 0u)
      << "a handshake does allocate, so we can count";
  for (int i = 0; i < 2000; ++i) turn(100);

  const std::size_t before = acceptor.user.datagrams;
  counting = true;
  for (int i = 0; i < 1000; ++i) turn(100);
  counting = false;
  EXPECT_EQ(acceptor.user.datagrams - before, 100'000u);
  EXPECT_EQ(test::allocations, 0u);
}

}  // namespace
}  // namespace oneping::quic
