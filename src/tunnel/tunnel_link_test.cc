#include "tunnel/tunnel_link.h"

#include <gtest/gtest.h>

#include "tunnel/testing/fake_quic.h"

namespace oneping::tunnel {
namespace {

using testing::ByteString;
using testing::FakeConnection;

class TunnelLinkTest : public ::testing::TestWithParam<DatagramVersion> {
 protected:
  std::optional<DropReason> send(std::size_t size) {
    packet = *pool.copy(ByteString(size, 0x45));
    return link.send(packet, Time{});
  }
  bool packet_is_untouched(std::size_t size) {
    return packet &&
           ByteString(packet.bytes().begin(), packet.bytes().end()) == ByteString(size, 0x45);
  }

  PacketPool pool;
  FakeConnection quic{testing::Side::server};
  TunnelLink link;
  Packet packet;
};

TEST_P(TunnelLinkTest, IsDownUntilOpenedAndAfterClose) {
  EXPECT_EQ(send(100), DropReason::link_down);
  EXPECT_TRUE(packet_is_untouched(100));
  EXPECT_EQ(link.max_packet_size(), 0u);
  link.open(quic, GetParam());
  EXPECT_EQ(send(100), std::nullopt);
  link.close();
  EXPECT_EQ(send(100), DropReason::link_down);
}

TEST_P(TunnelLinkTest, TakesPacketsUpToTheProtocolsLimit) {
  link.open(quic, GetParam());
  EXPECT_EQ(link.max_packet_size(), kMaxTunnelPacketSize);
  EXPECT_EQ(send(kMaxTunnelPacketSize), std::nullopt);
  EXPECT_FALSE(packet);
  ASSERT_EQ(quic.datagrams.size(), 1u);
  EXPECT_EQ(quic.datagrams[0].size(), kMaxTunnelPacketSize + kDatagramOverhead);
  EXPECT_EQ(send(kMaxTunnelPacketSize + 1), DropReason::too_big);
  EXPECT_TRUE(packet_is_untouched(kMaxTunnelPacketSize + 1));
}

TEST_P(TunnelLinkTest, GivesARefusedPacketBackUnframed) {
  link.open(quic, GetParam());
  quic.max_datagram = 1000;
  EXPECT_EQ(link.max_packet_size(), 999u);
  EXPECT_EQ(send(999), std::nullopt);
  EXPECT_EQ(send(1000), DropReason::too_big);
  EXPECT_TRUE(packet_is_untouched(1000));
  quic.ready = false;
  EXPECT_EQ(send(10), DropReason::link_down);
  EXPECT_TRUE(packet_is_untouched(10));
  EXPECT_EQ(link.max_packet_size(), 0u);
}

INSTANTIATE_TEST_SUITE_P(BothFormats, TunnelLinkTest,
                         ::testing::Values(DatagramVersion::v2, DatagramVersion::v3));

}  // namespace
}  // namespace oneping::tunnel
