#include "wire/udp.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>
#include <utility>

#include "test/support/packet_builder.h"

namespace oneping {
namespace {

using test::address;
using test::ByteVector;
using test::PacketBuilder;
using test::pattern;
using test::udp_packet_checksums_right;

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// dig +noedns: a query for "." from port 40000, without its last bytes.
const ByteVector kQueryV4 = {0x45, 0x00, 0x00, 0x20,  // IPv4, total length 32
                             0x12, 0x34, 0x40, 0x00,  // identification, DF
                             0x40, 0x11, 0x0d, 0xb0,  // TTL 64, UDP, header checksum
                             100,  96,   0,    1,     // source
                             172,  16,   10,   120,   // destination
                             0x9c, 0x40, 0x00, 0x35,  // from port 40000 to 53
                             0x00, 0x0c, 0x42, 0x6f,  // length 12, checksum
                             0x01, 0x02, 0x05, 0x06};

const ByteVector kAnswerV6 = {
    0x60, 0x00, 0x00, 0x00,                                            // IPv6
    0x00, 0x0c, 0x11, 0x3f,                                            // length 12, UDP, limit 63
    0xfd, 0,    0,    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x20,  // source
    0xfd, 0,    0,    0x64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0x01,  // destination
    0x00, 0x35, 0x9c, 0x40,                                            // from port 53 to 40000
    0x00, 0x0c, 0x61, 0xc2,                                            // length 12, checksum
    0x01, 0x02, 0x05, 0x06};

tl::expected<UdpView, DropReason> parse_udp(const ByteVector& packet) {
  return IpView::parse(packet).and_then([](const IpView& ip) { return UdpView::parse(ip); });
}

TEST(UdpView, ReadsDatagrams) {
  const auto query = parse_udp(kQueryV4);
  ASSERT_TRUE(query.has_value()) << to_string(query.error());
  EXPECT_EQ(query->ports, (UdpPorts{40000, 53}));
  EXPECT_EQ(query->checksum, 0x426f);
  EXPECT_EQ(vector_of(query->payload), (ByteVector{1, 2, 5, 6}));

  const auto answer = parse_udp(kAnswerV6);
  ASSERT_TRUE(answer.has_value()) << to_string(answer.error());
  EXPECT_EQ(answer->ports, (UdpPorts{53, 40000}));
  EXPECT_EQ(vector_of(answer->payload), (ByteVector{1, 2, 5, 6}));
}

TEST(UdpView, ReadsAnEmptyDatagramAndOneBehindHopByHop) {
  const auto no_payload = PacketBuilder("100.96.0.1", "172.16.10.120").udp(1, 2).build();
  const auto empty = parse_udp(no_payload);
  ASSERT_TRUE(empty.has_value()) << to_string(empty.error());
  EXPECT_TRUE(empty->payload.empty());
  const auto extended =
      PacketBuilder("fd00::1", "fd00::2").extension(0).udp(1, 2, pattern(5)).build();
  const auto behind = parse_udp(extended);
  ASSERT_TRUE(behind.has_value()) << to_string(behind.error());
  EXPECT_EQ(vector_of(behind->payload), pattern(5));
}

TEST(UdpView, OnlyOverIpv4TheChecksumMayBeMissing) {
  const auto v4 = parse_udp(
      PacketBuilder("100.96.0.1", "172.16.10.120").udp(1, 2, pattern(3)).no_udp_checksum().build());
  ASSERT_TRUE(v4.has_value()) << to_string(v4.error());
  EXPECT_EQ(v4->checksum, 0);
  const auto v6 = parse_udp(
      PacketBuilder("fd00::1", "fd00::2").udp(1, 2, pattern(3)).no_udp_checksum().build());
  EXPECT_EQ(v6.error(), DropReason::bad_udp_checksum);
}

TEST(UdpView, BytesBehindItsOwnLengthAreIgnored) {
  ByteVector udp = {0, 1, 0, 2, 0, 9, 0, 0, 77, 88, 99};  // length 9: one byte of payload
  const auto packet = PacketBuilder("100.96.0.1", "172.16.10.120").raw(17, udp).build();
  const auto view = parse_udp(packet);
  ASSERT_TRUE(view.has_value()) << to_string(view.error());
  EXPECT_EQ(vector_of(view->payload), (ByteVector{77}));
}

TEST(UdpView, SaysWhatIsWrong) {
  struct Case {
    const char* name;
    ByteVector packet;
    DropReason expected;
  };
  const PacketBuilder v4("100.96.0.1", "172.16.10.120");
  const PacketBuilder v6("fd00:64::1", "fd00:10::120");
  const auto udp4 = [&] { return PacketBuilder(v4).udp(7, 1, pattern(9)); };
  const auto udp6 = [&] { return PacketBuilder(v6).udp(7, 1, pattern(9)); };
  const auto of_length = [](std::uint8_t length) {
    return ByteVector{0, 1, 0, 2, 0, length, 0, 0};
  };
  const Case cases[] = {
      {"checksum v4", udp4().break_udp_checksum().build(), DropReason::bad_udp_checksum},
      {"checksum v6", udp6().break_udp_checksum().build(), DropReason::bad_udp_checksum},
      {"no bytes v4", PacketBuilder(v4).raw(17, {}).build(), DropReason::truncated},
      {"7 bytes v6", PacketBuilder(v6).raw(17, ByteVector(7)).build(), DropReason::truncated},
      {"length 0", PacketBuilder(v4).raw(17, of_length(0)).build(), DropReason::truncated},
      {"length 7", PacketBuilder(v4).raw(17, of_length(7)).build(), DropReason::truncated},
      {"length 9 of 8", PacketBuilder(v4).raw(17, of_length(9)).build(), DropReason::truncated},
      {"TCP v4", PacketBuilder(v4).raw(6, ByteVector(20)).build(), DropReason::other_protocol},
      {"ICMP v4", PacketBuilder(v4).echo_request(1, 2).build(), DropReason::other_protocol},
      {"ICMP v6", PacketBuilder(v6).echo_request(1, 2).build(), DropReason::other_protocol},
      {"first fragment v4", udp4().fragment(0, true).build(), DropReason::fragment},
      {"last fragment v4", udp4().fragment(1480, false).build(), DropReason::fragment},
      {"first fragment v6", udp6().fragment(0, true).build(), DropReason::fragment},
      {"routing header", udp6().extension(43).build(), DropReason::extension_header},
      {"destination options", udp6().extension(60).build(), DropReason::extension_header},
  };
  for (const Case& c : cases) {
    const auto view = parse_udp(c.packet);
    ASSERT_FALSE(view.has_value()) << c.name;
    EXPECT_EQ(view.error(), c.expected) << c.name << ": " << to_string(view.error());
  }
}

TEST(MakeUdp, WritesTheGoldenPackets) {
  PacketPool pool;
  const auto query = make_udp(pool,
                              {.source = address("100.96.0.1"),
                               .destination = address("172.16.10.120"),
                               .dont_fragment = true,
                               .label = 0x1234},
                              {40000, 53}, ByteVector{1, 2, 5, 6});
  ASSERT_TRUE(query.has_value());
  EXPECT_EQ(vector_of(query->bytes()), kQueryV4);
  const auto answer = make_udp(
      pool,
      {.source = address("fd00:10::120"), .destination = address("fd00:64::1"), .hop_limit = 63},
      {53, 40000}, ByteVector{1, 2, 5, 6});
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(vector_of(answer->bytes()), kAnswerV6);
}

TEST(MakeUdp, WritesAFragmentHeader) {
  PacketPool pool;
  const auto packet = make_udp(pool,
                               {.source = address("fd00:10::120"),
                                .destination = address("fd00:64::1"),
                                .hop_limit = 63,
                                .fragment_id = 0x01020304},
                               {53, 40000}, ByteVector{1, 2, 5, 6});
  ASSERT_TRUE(packet.has_value());
  ByteVector expected = kAnswerV6;
  expected[5] = static_cast<std::uint8_t>(expected[5] + 8);
  const std::uint8_t next_header = std::exchange(expected[6], std::uint8_t{44});
  const ByteVector fragment_header = {next_header, 0, 0, 0, 1, 2, 3, 4};
  expected.insert(expected.begin() + 40, fragment_header.begin(), fragment_header.end());
  EXPECT_EQ(vector_of(packet->bytes()), expected);
}

// Of 65536 payloads of two bytes that differ only there, one has a sum of zero.
TEST(MakeUdp, AChecksumOfZeroGoesOutAsAllOnes) {
  PacketPool pool;
  int all_ones = 0;
  for (int value = 0; value <= 0xffff; ++value) {
    const ByteVector payload = {static_cast<std::uint8_t>(value >> 8),
                                static_cast<std::uint8_t>(value)};
    const auto packet =
        make_udp(pool, {.source = address("100.96.0.1"), .destination = address("172.16.10.120")},
                 {1, 2}, payload);
    const std::uint16_t sum = load_be16(&packet->bytes()[26]);
    ASSERT_NE(sum, 0);
    if (sum == 0xffff) ++all_ones;
  }
  EXPECT_EQ(all_ones, 1);
}

TEST(MakeUdp, GivesNothingWithoutABuffer) {
  PacketPool pool({.max_packet_size = 100, .max_packets = 4});
  const IpHeader header{.source = address("100.96.0.1"), .destination = address("172.16.10.120")};
  EXPECT_TRUE(make_udp(pool, header, {1, 2}, ByteVector(72)).has_value());
  EXPECT_FALSE(make_udp(pool, header, {1, 2}, ByteVector(73)).has_value());
}

RC_GTEST_PROP(MakeUdp, WhatIsWrittenIsReadAgain, ()) {
  const bool v4 = *rc::gen::arbitrary<bool>();
  const auto payload = *rc::gen::container<ByteVector>(rc::gen::arbitrary<std::uint8_t>());
  const UdpPorts ports{*rc::gen::arbitrary<std::uint16_t>(), *rc::gen::arbitrary<std::uint16_t>()};
  PacketPool pool;
  const auto packet = make_udp(pool,
                               {.source = address(v4 ? "100.96.0.1" : "fd00::1"),
                                .destination = address(v4 ? "172.16.10.120" : "fd00::2")},
                               ports, payload);
  RC_ASSERT(packet.has_value());
  RC_ASSERT(udp_packet_checksums_right(packet->bytes()));
  const auto ip = IpView::parse(packet->bytes());
  RC_ASSERT(ip.has_value());
  const auto udp = UdpView::parse(*ip);
  RC_ASSERT(udp.has_value());
  RC_ASSERT(udp->ports == ports);
  RC_ASSERT(vector_of(udp->payload) == payload);
}

TEST(QuotedUdp, IsFoundBehindOptionsAndWhenCutShort) {
  struct Case {
    const char* name;
    ByteVector quote;
    const char* client;
    const char* destination;
  };
  const auto udp4 = [] { return PacketBuilder("100.96.0.1", "172.16.10.120").udp(4000, 33434); };
  ByteVector cut = udp4().build();
  cut.resize(28);
  const Case cases[] = {
      {"whole v4", udp4().build(), "100.96.0.1", "172.16.10.120"},
      {"8 bytes v4", cut, "100.96.0.1", "172.16.10.120"},
      {"options", udp4().options(ByteVector(8, 1)).build(), "100.96.0.1", "172.16.10.120"},
      {"first fragment", udp4().fragment(0, true).build(), "100.96.0.1", "172.16.10.120"},
      {"bad checksum", udp4().break_udp_checksum().build(), "100.96.0.1", "172.16.10.120"},
      {"v6", PacketBuilder("fd00::1", "fd00::2").udp(4000, 33434).build(), "fd00::1", "fd00::2"},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const bool v4 = c.quote[0] >> 4 == 4;
    const auto error = PacketBuilder(v4 ? "10.0.0.1" : "fd00::9", c.client)
                           .icmp(v4 ? 3 : 1, 3, 0, c.quote)
                           .build();
    const auto ip = IpView::parse(error);
    const auto quoted = quoted_udp(*ip, *IcmpView::parse(*ip));
    ASSERT_TRUE(quoted.has_value()) << to_string(quoted.error());
    EXPECT_EQ(quoted->source, (SocketAddress{address(c.client), 4000}));
    EXPECT_EQ(quoted->destination, (SocketAddress{address(c.destination), 33434}));
  }
}

TEST(QuotedUdp, IsNothingElse) {
  struct Case {
    const char* name;
    ByteVector quote;
    DropReason expected;
  };
  const PacketBuilder v4("100.96.0.1", "172.16.10.120");
  ByteVector cut = PacketBuilder(v4).udp(1, 2).build();
  cut.resize(27);
  const Case cases[] = {
      {"echo", PacketBuilder(v4).echo_request(1, 1).build(), DropReason::no_flow},
      {"7 bytes", cut, DropReason::no_flow},
      {"later fragment", PacketBuilder(v4).udp(1, 2).fragment(8, false).build(),
       DropReason::no_flow},
      {"other family", PacketBuilder("fd00::1", "fd00::2").udp(1, 2).build(), DropReason::no_flow},
      {"no header", ByteVector{0x45, 0, 0}, DropReason::truncated},
  };
  for (const Case& c : cases) {
    const auto error = PacketBuilder("10.0.0.1", "100.96.0.1").icmp(3, 3, 0, c.quote).build();
    const auto ip = IpView::parse(error);
    const auto quoted = quoted_udp(*ip, *IcmpView::parse(*ip));
    ASSERT_FALSE(quoted.has_value()) << c.name;
    EXPECT_EQ(quoted.error(), c.expected) << c.name;
  }
}

}  // namespace
}  // namespace oneping
