// No allocation for a packet on the edge's path once everything has grown to its size, either way:
// counted while the edge has the packet.
#include <gtest/gtest.h>

#include "test/sim/world.h"
#include "test/support/allocations.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

class CountingLink final : public Link {
 public:
  std::optional<DropReason> send(Packet& packet, Time) override {
    const Packet taken = std::move(packet);
    ++packets;
    return std::nullopt;
  }
  std::size_t max_packet_size() const override { return 1500; }
  std::size_t packets = 0;
};

class Allocation : public testing::TestWithParam<Protocol> {};

INSTANTIATE_TEST_SUITE_P(Sim, Allocation, testing::Values(Protocol::icmp, Protocol::udp),
                         [](const auto& p) { return std::string(to_string(p.param)); });

// Packets of many flows, allowed and denied, and replies to those that are allowed.
TEST_P(Allocation, NoneForAPacketOnTheEdgesPath) {
  World world({.seed = 17, .forwarding = {.error_limits = {.per_address = 1e6, .total = 1e6}}});
  world.control.rules = {{.name = "half",
                          .who = {{SubjectKind::user, "alice"}},
                          .to = {Prefix::parse("172.16.10.121").value()},
                          .verdict = Verdict::deny}};
  world.control.remake_policies();
  world.apply();
  world.start_connector();
  ASSERT_TRUE(world.run_until_ready());
  const bool is_udp = GetParam() == Protocol::udp;
  const Client client("100.96.0.1");
  const UdpClient udp_client("100.96.0.1");
  CountingLink link;
  const edge::ClientRef from = world.edge->client(link, 1);
  const auto turn = [&] {
    for (std::uint16_t id = 0; id < 50; ++id) {
      for (const char* to : {"172.16.10.120", "172.16.10.121"}) {
        Packet request = is_udp
                             ? udp_client.packet(world.edge->pool, id, {address(to), 7}, {1, 2, 3})
                             : client.request(world.edge->pool, address(to), {id, 1});
        world.inside_edge = true;
        world.edge->edge.on_client_packet(std::move(request), from, world.now);
        world.inside_edge = false;
      }
    }
    world.run_for(20ms);
  };
  test::count_allocations_while = &world.inside_edge;
  turn();
  EXPECT_GT(std::exchange(test::allocations, 0), 0u) << "new flows do allocate, so we can count";
  for (int i = 0; i < 100; ++i) turn();

  test::allocations = link.packets = 0;
  for (int i = 0; i < 100; ++i) turn();
  test::count_allocations_while = nullptr;
  EXPECT_EQ(link.packets, 10'000u) << "a reply to each of the one, an error for each of the other";
  EXPECT_EQ(test::allocations, 0u);
  world.expect_counters_add_up();
}

}  // namespace
}  // namespace oneping::sim
