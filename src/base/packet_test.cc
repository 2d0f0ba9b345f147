#include "base/packet.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

namespace oneping {
namespace {

TEST(PacketPool, GivesThePacketSizeAskedForWithRoomAround) {
  PacketPool pool;
  auto packet = pool.allocate(100);
  ASSERT_TRUE(packet.has_value());
  EXPECT_TRUE(*packet);
  EXPECT_EQ(packet->size(), 100u);
  EXPECT_EQ(packet->headroom(), PacketPool::kHeadroom);
  EXPECT_EQ(packet->tailroom(), pool.max_packet_size() - 100 + PacketPool::kTailroom);
}

TEST(PacketPool, RefusesAPacketOverItsSize) {
  PacketPool pool({.max_packet_size = 1500, .max_packets = 4});
  EXPECT_TRUE(pool.allocate(1500).has_value());
  EXPECT_FALSE(pool.allocate(1501).has_value());
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(PacketPool, HasAFewLargePackets) {
  PacketPool pool({.max_packet_size = 1500, .max_packets = 4, .max_large_packets = 2});
  EXPECT_EQ(pool.max_large_size(), PacketPool::kMaxLargeSize);
  std::vector<Packet> packets;
  packets.push_back(*pool.allocate(1501));
  packets.push_back(*pool.allocate(PacketPool::kMaxLargeSize));
  EXPECT_FALSE(pool.allocate(1501)) << "no more of them";
  EXPECT_FALSE(pool.allocate(PacketPool::kMaxLargeSize + 1));
  for (int i = 0; i < 4; ++i) packets.push_back(*pool.allocate(1500));
  EXPECT_FALSE(pool.allocate(1500));
  EXPECT_EQ(pool.in_use(), 6u);
  std::ranges::fill(packets[1].bytes(), std::uint8_t{7});
  packets.clear();
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_TRUE(pool.allocate(2000));
}

TEST(PacketPool, WithoutLargePacketsTheUsualSizeIsTheLargest) {
  PacketPool pool({.max_packet_size = 1500});
  EXPECT_EQ(pool.max_large_size(), 1500u);
  EXPECT_GT(PacketPool().max_large_size(), 65535u);
}

TEST(PacketPool, CopiesBytes) {
  PacketPool pool;
  const std::vector<std::uint8_t> bytes{1, 2, 3, 4, 5};
  const auto packet = pool.copy(bytes);
  ASSERT_TRUE(packet.has_value());
  EXPECT_TRUE(std::ranges::equal(packet->bytes(), bytes));
  const auto empty = pool.copy({});
  ASSERT_TRUE(empty.has_value());
  EXPECT_EQ(empty->size(), 0u);
  EXPECT_TRUE(*empty);  // no bytes, but a buffer
}

// The bound is no multiple of the pool's inner step.
TEST(PacketPool, ServesUpToItsBoundAndAgainWhenPacketsComeBack) {
  constexpr std::size_t kBound = 150;
  PacketPool pool({.max_packet_size = 64, .max_packets = kBound});
  std::vector<Packet> packets;
  for (std::size_t i = 0; i < kBound; ++i) {
    auto packet = pool.allocate(64);
    ASSERT_TRUE(packet.has_value()) << i;
    packets.push_back(std::move(*packet));
    EXPECT_EQ(pool.in_use(), i + 1);
  }
  EXPECT_FALSE(pool.allocate(0).has_value());
  packets.erase(packets.begin() + 70);
  EXPECT_EQ(pool.in_use(), kBound - 1);
  EXPECT_TRUE(pool.allocate(1).has_value());
  packets.clear();
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(PacketPool, BuffersDoNotOverlap) {
  constexpr std::size_t kBound = 130;
  PacketPool pool({.max_packet_size = 40, .max_packets = kBound});
  std::vector<Packet> packets;
  for (std::size_t i = 0; i < kBound; ++i) {
    auto packet = pool.allocate(40);
    ASSERT_TRUE(packet.has_value());
    packet->prepend(packet->headroom());
    packet->append(packet->tailroom());
    std::ranges::fill(packet->bytes(), static_cast<std::uint8_t>(i));
    packets.push_back(std::move(*packet));
  }
  for (std::size_t i = 0; i < kBound; ++i) {
    EXPECT_TRUE(std::ranges::all_of(std::as_const(packets[i]).bytes(), [i](std::uint8_t byte) {
      return byte == i;
    })) << i;
  }
}

TEST(Packet, GrowsIntoItsRoomAndKeepsItsBytes) {
  PacketPool pool;
  auto packet = pool.copy(std::vector<std::uint8_t>{7, 8, 9});
  ASSERT_TRUE(packet.has_value());
  packet->prepend(2)[0] = 5;
  packet->data()[1] = 6;
  *packet->append(1) = 10;
  const std::vector<std::uint8_t> expected{5, 6, 7, 8, 9, 10};
  EXPECT_TRUE(std::ranges::equal(packet->bytes(), expected));
  EXPECT_EQ(packet->headroom(), PacketPool::kHeadroom - 2);
}

TEST(Packet, GrowsUntilTheRoomIsUsedUp) {
  PacketPool pool;
  auto packet = pool.allocate(pool.max_packet_size());
  ASSERT_TRUE(packet.has_value());
  packet->prepend(packet->headroom());
  packet->append(packet->tailroom());
  EXPECT_EQ(packet->headroom(), 0u);
  EXPECT_EQ(packet->tailroom(), 0u);
  EXPECT_EQ(packet->size(), pool.max_packet_size() + PacketPool::kHeadroom + PacketPool::kTailroom);
}

TEST(Packet, CutsAtBothEndsAndGetsTheRoomBack) {
  PacketPool pool;
  auto packet = pool.copy(std::vector<std::uint8_t>{1, 2, 3, 4, 5});
  ASSERT_TRUE(packet.has_value());
  packet->remove_prefix(2);
  packet->remove_suffix(1);
  const std::vector<std::uint8_t> expected{3, 4};
  EXPECT_TRUE(std::ranges::equal(packet->bytes(), expected));
  EXPECT_EQ(packet->headroom(), PacketPool::kHeadroom + 2);
  packet->remove_prefix(2);
  EXPECT_EQ(packet->size(), 0u);
}

TEST(Packet, MovesAndLeavesNothingBehind) {
  PacketPool pool;
  auto first = pool.copy(std::vector<std::uint8_t>{1, 2});
  auto second = pool.copy(std::vector<std::uint8_t>{3});
  ASSERT_TRUE(first && second);
  Packet moved(std::move(*first));
  EXPECT_FALSE(*first);
  EXPECT_EQ(first->size(), 0u);
  EXPECT_EQ(first->tailroom(), 0u);
  EXPECT_EQ(moved.size(), 2u);
  EXPECT_EQ(pool.in_use(), 2u);

  moved = std::move(*second);  // what it held goes back to the pool at once
  EXPECT_EQ(pool.in_use(), 1u);
  EXPECT_EQ(moved.data()[0], 3);

  Packet& self = moved;
  moved = std::move(self);
  EXPECT_EQ(moved.size(), 1u);
  EXPECT_EQ(pool.in_use(), 1u);

  moved = Packet();
  EXPECT_FALSE(moved);
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST(PacketDeathTest, NeverGrowsBeyondItsRoom) {
#ifndef NDEBUG
  PacketPool pool;
  auto packet = pool.allocate(10);
  ASSERT_TRUE(packet.has_value());
  EXPECT_DEATH(packet->prepend(packet->headroom() + 1), "headroom");
  EXPECT_DEATH(packet->append(packet->tailroom() + 1), "tailroom");
  EXPECT_DEATH(packet->remove_prefix(11), "size_");
  EXPECT_DEATH(packet->remove_suffix(11), "size_");
#else
  GTEST_SKIP() << "built without assertions";
#endif
}

}  // namespace
}  // namespace oneping
