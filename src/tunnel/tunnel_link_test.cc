#include "tunnel/tunnel_link.h"

#include <gtest/gtest.h>

#include "test/support/packet_builder.h"
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

TEST_P(TunnelLinkTest, ToAPeerOfOurOwnGoesWhateverADatagramHolds) {
  link.open(quic, GetParam());
  quic.max_datagram = 1412;
  EXPECT_FALSE(link.takes_fragments());
  EXPECT_EQ(link.max_packet_size(), kMaxTunnelPacketSize);
  link.allow_large_packets();
  EXPECT_TRUE(link.takes_fragments());
  EXPECT_EQ(link.max_packet_size(), 1411u);
  EXPECT_EQ(send(1411), std::nullopt);
  EXPECT_EQ(send(1412), DropReason::too_big);
  EXPECT_TRUE(packet_is_untouched(1412));
}

// By it an IPv6 packet says that it may be sent in pieces; other software knows no such header.
TEST_P(TunnelLinkTest, AWholePacketsFragmentHeaderGoesToPeersOfOurOwnOnly) {
  const test::PacketBuilder plain = test::PacketBuilder("fd00::1", "fd00::2").echo_request(1, 2);
  const auto with_header = test::PacketBuilder(plain).fragment(0, false).build();
  link.open(quic, GetParam());
  packet = *pool.copy(with_header);
  quic.ready = false;
  EXPECT_EQ(link.send(packet, Time{}), DropReason::link_down);
  EXPECT_TRUE(std::ranges::equal(packet.bytes(), with_header));
  quic.ready = true;
  EXPECT_EQ(link.send(packet, Time{}), std::nullopt);
  link.allow_large_packets();
  packet = *pool.copy(with_header);
  EXPECT_EQ(link.send(packet, Time{}), std::nullopt);
  const auto sent = [&](std::size_t i) {
    const auto bytes = ip_packet_of(GetParam(), quic.datagrams[i]);
    return test::ByteVector(bytes->begin(), bytes->end());
  };
  EXPECT_EQ(sent(0), plain.build());
  EXPECT_EQ(sent(1), with_header);
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
