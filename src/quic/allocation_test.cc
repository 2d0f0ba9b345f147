// No allocation for a datagram or a packet once everything has grown to its size: counted by the
// program's own operator new while only the endpoints run.
#include <gtest/gtest.h>

#include <cstdlib>
#include <new>

#include "quic/test_peers.h"

namespace {
bool counting = false;
std::size_t allocations = 0;
}  // namespace

// Not inlined, or the compiler takes malloc and delete for a mismatch.
[[gnu::noinline]] void* operator new(std::size_t size) {
  if (counting) ++allocations;
  if (void* const memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* memory) noexcept { std::free(memory); }
[[gnu::noinline]] void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

namespace oneping::quic {
namespace {

using namespace testing;

// Keeps the packets of a flush, in memory that it has from the start.
class Wire final : public UdpSender {
 public:
  void send(const Path& path, Bytes run, std::size_t segment_size) override {
    ASSERT_LT(count_, runs_.size());
    Run& run_kept = runs_[count_++];
    run_kept.path = path;
    run_kept.size = run.size();
    run_kept.segment_size = segment_size;
    std::ranges::copy(run, run_kept.bytes.begin());
  }
  void deliver(Endpoint& to, Time now) {
    for (std::size_t i = 0; i < count_; ++i) {
      const Run& run = runs_[i];
      to.on_packets({run.path.remote, run.path.local}, Bytes(run.bytes).first(run.size),
                    run.segment_size, now);
    }
    count_ = 0;
  }

 private:
  struct Run {
    Path path;
    std::size_t size = 0;
    std::size_t segment_size = 0;
    std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(65536);
  };
  std::vector<Run> runs_ = std::vector<Run>(128);
  std::size_t count_ = 0;
};

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
  Wire wire;
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
  counting = true;
  for (int i = 0; i < 100 && !user.ready; ++i) turn(0);
  counting = false;
  ASSERT_TRUE(user.ready);
  EXPECT_GT(std::exchange(allocations, 0), 0u) << "a handshake does allocate, so we can count";
  for (int i = 0; i < 2000; ++i) turn(100);

  const std::size_t before = acceptor.user.datagrams;
  counting = true;
  for (int i = 0; i < 1000; ++i) turn(100);
  counting = false;
  EXPECT_EQ(acceptor.user.datagrams - before, 100'000u);
  EXPECT_EQ(allocations, 0u);
}

}  // namespace
}  // namespace oneping::quic
