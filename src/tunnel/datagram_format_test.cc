#include "tunnel/datagram_format.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tunnel/testing/recorded_rpc.h"

namespace oneping::tunnel {
namespace {

using testing::ByteString;
using testing::from_hex;

ByteString bytes_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

struct Case {
  const char* name;
  DatagramVersion version;
  std::string datagram;  // hexadecimal
  tl::expected<std::string, DropReason> packet;
};

const auto kMalformed = tl::make_unexpected(DropReason::malformed_datagram);
const auto kUnknown = tl::make_unexpected(DropReason::unknown_datagram);
const std::string kIdentity = "000102030405060708090a0b0c0d0e0f101112131415161718";

TEST(DatagramFormat, ReadsWhatThePeersWrite) {
  using enum DatagramVersion;
  const Case cases[] = {
      {"v2 IP", v2, "4500001c01", "4500001c"},
      {"v2 IP with trace", v2, "4500001c" + kIdentity + "02", "4500001c"},
      {"v2 UDP", v2, "616263000102030405060708090a0b0c0d0e0f00", kUnknown},
      {"v2 tracing span", v2, "6162" + kIdentity + "03", kUnknown},
      {"v2 type unknown", v2, "4500001c04", kUnknown},
      {"v2 empty", v2, "", kMalformed},
      {"v2 type alone", v2, "01", kMalformed},
      {"v2 identity alone", v2, kIdentity + "02", kMalformed},
      {"v2 identity cut short", v2, "00010202", kMalformed},
      {"v3 ICMP", v3, "024500001c", "4500001c"},
      {"v3 registration, IPv4", v3, "00001f900005000102030405060708090a0b0c0d0e0fc0000201",
       kUnknown},
      {"v3 registration with payload", v3,
       "00061f900005000102030405060708090a0b0c0d0e0fc00002016869", kUnknown},
      {"v3 registration, IPv6", v3,
       "0001003500d2000102030405060708090a0b0c0d0e0f20010db8000000000000000000000001", kUnknown},
      {"v3 payload", v3, "01000102030405060708090a0b0c0d0e0f616263", kUnknown},
      {"v3 response", v3, "0300000102030405060708090a0b0c0d0e0f0000", kUnknown},
      {"v3 response with error", v3, "03ff000102030405060708090a0b0c0d0e0f0004626f6f6d", kUnknown},
      {"v3 empty", v3, "", kMalformed},
      {"v3 type alone", v3, "02", kMalformed},
      {"v3 type unknown", v3, "044500001c", kUnknown},
  };
  for (const auto& test : cases) {
    SCOPED_TRACE(test.name);
    const auto datagram = from_hex(test.datagram);
    const auto packet = ip_packet_of(test.version, datagram);
    ASSERT_EQ(packet.has_value(), test.packet.has_value());
    if (packet) {
      EXPECT_EQ(bytes_of(*packet), from_hex(*test.packet));
    } else {
      EXPECT_EQ(packet.error(), test.packet.error());
    }
  }
}

TEST(DatagramFormat, TakesAPacketOfAnySize) {
  for (const std::size_t size : {1u, 1280u, 1281u, 1349u, 1411u, 9000u}) {
    const ByteString packet(size, 0x45);
    ByteString v2 = packet;
    v2.push_back(1);
    EXPECT_EQ(bytes_of(*ip_packet_of(DatagramVersion::v2, v2)), packet);
    ByteString v3 = packet;
    v3.insert(v3.begin(), 2);
    EXPECT_EQ(bytes_of(*ip_packet_of(DatagramVersion::v3, v3)), packet);
  }
}

TEST(DatagramFormat, FramesAsThePeersExpect) {
  PacketPool pool;
  auto packet = pool.copy(from_hex("4500001c"));
  frame_ip_packet(DatagramVersion::v2, *packet);
  EXPECT_EQ(bytes_of(packet->bytes()), from_hex("4500001c01"));
  unframe_ip_packet(DatagramVersion::v2, *packet);
  frame_ip_packet(DatagramVersion::v3, *packet);
  EXPECT_EQ(bytes_of(packet->bytes()), from_hex("024500001c"));
  unframe_ip_packet(DatagramVersion::v3, *packet);
  EXPECT_EQ(bytes_of(packet->bytes()), from_hex("4500001c"));
}

RC_GTEST_PROP(DatagramFormat, WhatIsFramedReadsBack, ()) {
  const auto version = *rc::gen::element(DatagramVersion::v2, DatagramVersion::v3);
  const auto size = *rc::gen::inRange<std::size_t>(1, kMaxTunnelPacketSize + 1);
  const auto content = *rc::gen::container<ByteString>(size, rc::gen::arbitrary<std::uint8_t>());
  PacketPool pool;
  auto packet = pool.copy(content);
  frame_ip_packet(version, *packet);
  RC_ASSERT(packet->size() == size + kDatagramOverhead);
  const auto read = ip_packet_of(version, packet->bytes());
  RC_ASSERT(read.has_value());
  RC_ASSERT(bytes_of(*read) == content);
}

// Exact-size heap copies, so that the sanitizer sees a read past the end.
TEST(DatagramFormat, AnyCutIsReadWithinItsBounds) {
  ByteString whole = from_hex("4500001c" + kIdentity + "02");
  for (const auto version : {DatagramVersion::v2, DatagramVersion::v3}) {
    for (int type = 0; type < 256; ++type) {
      whole.front() = whole.back() = static_cast<std::uint8_t>(type);
      for (std::size_t length = 0; length <= whole.size(); ++length) {
        const ByteString cut(whole.end() - static_cast<std::ptrdiff_t>(length), whole.end());
        const auto packet = ip_packet_of(version, cut);
        if (packet) {
          EXPECT_GE(packet->data(), cut.data());
          EXPECT_LE(packet->data() + packet->size(), cut.data() + cut.size());
          EXPECT_FALSE(packet->empty());
        }
      }
    }
  }
}

}  // namespace
}  // namespace oneping::tunnel
