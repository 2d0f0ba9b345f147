// Clients that finish the QUIC handshake and never register: they may not keep connectors out.
#include <gtest/gtest.h>

#include "test/sim/world.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

// Connects as often as told, says nothing, and counts how it was sent away.
class Stranger final : public Participant {
 public:
  explicit Stranger(World& world) : world_(world), sender_(world.network, world.now) {
    world_.network.attach(address_, [this](const quic::Path& path, Bytes bytes) {
      endpoint_.on_packets(path, bytes, bytes.size(), world_.now);
    });
    world_.others.push_back(this);
  }
  ~Stranger() override {
    std::erase(world_.others, this);
    world_.network.detach(address_);
  }

  void connect() {
    ASSERT_TRUE(endpoint_.connect({address_, world_.edge_address}, events_, world_.now));
  }
  [[nodiscard]] int ready() const { return events_.ready; }
  [[nodiscard]] int sent_away() const { return events_.closed; }

  [[nodiscard]] Time next_deadline() const override { return endpoint_.next_deadline(); }
  void turn(Time now) override {
    if (endpoint_.next_deadline() <= now) endpoint_.on_time(now);
    endpoint_.flush(now, sender_);
  }

 private:
  struct Events final : quic::ConnectionEvents {
    void on_ready(Time) override { ++ready; }
    void on_datagram(Bytes, Time) override {}
    void on_stream_data(quic::StreamId, Bytes, bool, Time) override {}
    void on_stream_closed(quic::StreamId, Time) override {}
    void on_closed(const quic::CloseInfo&, Time) override { ++closed; }
    int ready = 0;
    int closed = 0;
  };

  World& world_;
  SocketAddress address_ = SocketAddress::parse("203.0.113.9:999").value();
  NetworkSender sender_;
  Events events_;
  quic::Endpoint endpoint_{quic::EndpointOptions{}, world_.trust.client_tls(), world_.random,
                           nullptr};
};

TEST(Strangers, MakeWayForEachOtherAndForConnectors) {
  World world({.seed = 11});
  Stranger stranger(world);
  for (int i = 0; i < 280; ++i) {
    stranger.connect();
    world.run_for(5ms);
  }
  world.run_for(500ms);
  EXPECT_GT(stranger.ready(), 256);
  EXPECT_GE(stranger.sent_away(), 280 - 257) << "no more than 256 wait at a time";
  world.start_connector();
  EXPECT_TRUE(world.run_until_ready());
  world.run_for(11s);
  EXPECT_EQ(stranger.sent_away(), 280) << "none may stay without registering";
  EXPECT_EQ(world.ready_connections(), 4u) << "and no connector was sent away for them";
  world.expect_counters_add_up();
}

}  // namespace
}  // namespace oneping::sim
