#include "wire/ip.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "test/support/packet_builder.h"

namespace oneping {
namespace {

using test::address;
using test::ByteVector;
using test::PacketBuilder;
using test::pattern;

// ping -c 1 -s 4 -Q 0x12 172.16.10.120
const ByteVector kEchoRequestV4 = {0x45,                   // version 4, 5 words of header
                                   0x12,                   // TOS
                                   0x00, 0x20,             // total length: 32
                                   0x1c, 0x46,             // identification
                                   0x40, 0x00,             // DF
                                   0x40,                   // TTL 64
                                   0x01,                   // ICMP
                                   0x03, 0x9c,             // header checksum
                                   100,  96,   0,    1,    // source
                                   172,  16,   10,   120,  // destination
                                   0x08, 0x00,             // echo request
                                   0xf1, 0xef,             // ICMP checksum
                                   0x00, 0x07,             // identifier
                                   0x00, 0x01,             // sequence
                                   0x01, 0x02, 0x05, 0x06};

const ByteVector kEchoRequestV6 = {
    0x61, 0x2a, 0xbc, 0xde,  // version 6, traffic class 0x12, flow label 0xabcde
    0x00, 0x0c,              // payload length: 12
    0x3a,                    // ICMPv6
    0x40,                    // hop limit 64
    0xfd, 0,    0,    0x64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0x01,  // source
    0xfd, 0,    0,    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x20,  // destination
    0x80, 0x00,                                                        // echo request
    0x00, 0x00,  // checksum, not looked at here
    0x00, 0x07,  // identifier
    0x00, 0x01,  // sequence
    0xca, 0xfe, 0xba, 0xbe};

TEST(IpView, ReadsEveryFieldOfIpv4) {
  const auto view = IpView::parse(kEchoRequestV4);
  ASSERT_TRUE(view.has_value()) << to_string(view.error());
  EXPECT_EQ(view->family(), IpFamily::v4);
  EXPECT_EQ(view->source().to_string(), "100.96.0.1");
  EXPECT_EQ(view->destination().to_string(), "172.16.10.120");
  EXPECT_EQ(view->protocol(), kProtocolIcmp);
  EXPECT_EQ(view->hop_limit(), 64);
  EXPECT_EQ(view->traffic_class(), 0x12);
  EXPECT_TRUE(view->dont_fragment());
  EXPECT_FALSE(view->is_fragment());
  EXPECT_FALSE(view->is_later_fragment());
  EXPECT_TRUE(view->is_icmp());
  EXPECT_EQ(view->payload_offset(), 20u);
  EXPECT_EQ(view->payload().size(), 12u);
  EXPECT_EQ(view->payload().data(), kEchoRequestV4.data() + 20);
}

TEST(IpView, ReadsEveryFieldOfIpv6) {
  const auto view = IpView::parse(kEchoRequestV6);
  ASSERT_TRUE(view.has_value()) << to_string(view.error());
  EXPECT_EQ(view->family(), IpFamily::v6);
  EXPECT_EQ(view->source().to_string(), "fd00:64::1");
  EXPECT_EQ(view->destination().to_string(), "fd00:10::120");
  EXPECT_EQ(view->protocol(), kProtocolIcmpv6);
  EXPECT_EQ(view->hop_limit(), 64);
  EXPECT_EQ(view->traffic_class(), 0x12);
  EXPECT_TRUE(view->dont_fragment());
  EXPECT_FALSE(view->is_fragment());
  EXPECT_TRUE(view->is_icmp());
  EXPECT_EQ(view->payload_offset(), 40u);
  EXPECT_EQ(view->payload().size(), 12u);
}

// The bytes above and the builder agree, so the builder can stand for golden bytes elsewhere.
TEST(PacketBuilder, BuildsTheGoldenPacket) {
  auto builder = PacketBuilder("100.96.0.1", "172.16.10.120")
                     .traffic_class(0x12)
                     .identification(0x1c46)
                     .dont_fragment()
                     .echo_request(7, 1, {1, 2, 5, 6});
  EXPECT_EQ(builder.build(), kEchoRequestV4);
}

TEST(IpView, IgnoresBytesBehindThePacket) {
  for (ByteVector bytes : {kEchoRequestV4, kEchoRequestV6}) {
    const std::size_t size = bytes.size();
    bytes.resize(size + 30, 0xee);
    const auto view = IpView::parse(bytes);
    ASSERT_TRUE(view.has_value());
    EXPECT_EQ(view->bytes().size(), size);
    EXPECT_EQ(view->payload().size(), 12u);
  }
}

TEST(IpView, RefusesAPacketCutAnywhere) {
  for (const ByteVector& whole : {kEchoRequestV4, kEchoRequestV6}) {
    for (std::size_t n = 0; n < whole.size(); ++n) {
      const ByteVector cut(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(n));
      const auto view = IpView::parse(cut);
      ASSERT_FALSE(view.has_value()) << n;
      EXPECT_EQ(view.error(), DropReason::truncated) << n;
    }
  }
}

PacketBuilder ping_v4() {
  return PacketBuilder("100.96.0.1", "172.16.10.120").echo_request(7, 1, pattern(8));
}

PacketBuilder ping_v6() {
  return PacketBuilder("fd00:64::1", "fd00:10::120").echo_request(7, 1, pattern(8));
}

TEST(IpView, SaysWhatIsWrong) {
  struct Case {
    const char* name;
    ByteVector packet;
    DropReason expected;
  };
  const Case cases[] = {
      {"empty", {}, DropReason::truncated},
      {"version 0", ping_v4().version(0).build(), DropReason::bad_version},
      {"version 5", ping_v4().version(5).build(), DropReason::bad_version},
      {"version 15", ping_v6().version(15).build(), DropReason::bad_version},
      {"one byte of version 7", {0x70}, DropReason::bad_version},
      {"header of 0 words", ping_v4().header_words(0).build(), DropReason::bad_header_length},
      {"header of 4 words", ping_v4().header_words(4).build(), DropReason::bad_header_length},
      {"header past the end", ping_v4().header_words(15).build(), DropReason::bad_header_length},
      {"total length 0", ping_v4().length_field(0).build(), DropReason::bad_total_length},
      {"total length 19", ping_v4().length_field(19).build(), DropReason::bad_total_length},
      {"total length within options", ping_v4().options(ByteVector(8, 1)).length_field(24).build(),
       DropReason::bad_total_length},
      {"total length one over", ping_v4().length_field(37).build(), DropReason::truncated},
      {"total length 65535", ping_v4().length_field(65535).build(), DropReason::truncated},
      {"bad checksum", ping_v4().break_ip_checksum().build(), DropReason::bad_ip_checksum},
      {"bad checksum with options", ping_v4().options({1, 1, 1, 0}).break_ip_checksum().build(),
       DropReason::bad_ip_checksum},
      {"payload length one over", ping_v6().length_field(17).build(), DropReason::truncated},
      {"payload length 65535", ping_v6().length_field(65535).build(), DropReason::truncated},
      {"jumbogram", ping_v6().extension(0, {194, 4, 0, 1, 0, 0}).length_field(0).build(),
       DropReason::truncated},
      {"hop-by-hop past the end",
       PacketBuilder("fd00::1", "fd00::2").raw(0, {58, 1, 1, 4, 0, 0, 0, 0}).build(),
       DropReason::truncated},
      {"hop-by-hop of 7 bytes",
       PacketBuilder("fd00::1", "fd00::2").raw(0, {58, 0, 1, 4, 0, 0, 0}).build(),
       DropReason::truncated},
  };
  for (const auto& [name, packet, expected] : cases) {
    const auto view = IpView::parse(packet);
    ASSERT_FALSE(view.has_value()) << name;
    EXPECT_EQ(view.error(), expected) << name << ": " << to_string(view.error());
  }
}

TEST(IpView, RefusesIpv4MappedAddressesInIpv6) {
  const ByteVector mapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 10, 0, 0, 1};
  ByteVector packet = kEchoRequestV6;
  std::ranges::copy(mapped, packet.begin() + 8);
  EXPECT_EQ(IpView::parse(packet).error(), DropReason::source_refused);
  packet = kEchoRequestV6;
  std::ranges::copy(mapped, packet.begin() + 24);
  EXPECT_EQ(IpView::parse(packet).error(), DropReason::destination_refused);
  EXPECT_EQ(IpView::parse_quoted(packet).error(), DropReason::destination_refused);
}

TEST(IpView, StepsOverIpv4Options) {
  for (std::size_t words = 1; words <= 10; ++words) {
    const auto packet = ping_v4().options(ByteVector(4 * words, 1)).build();
    const auto view = IpView::parse(packet);
    ASSERT_TRUE(view.has_value()) << words;
    EXPECT_EQ(view->payload_offset(), 20 + 4 * words);
    EXPECT_EQ(view->payload()[0], 8);  // echo request
  }
}

TEST(IpView, StepsOverHopByHopButNoFurther) {
  auto packet = ping_v6().extension(0).build();
  auto view = IpView::parse(packet);
  ASSERT_TRUE(view.has_value());
  EXPECT_TRUE(view->is_icmp());
  EXPECT_EQ(view->payload_offset(), 48u);
  EXPECT_EQ(view->payload()[0], 128);

  packet = ping_v6().extension(0, ByteVector(14)).build();
  view = IpView::parse(packet);
  ASSERT_TRUE(view.has_value());
  EXPECT_EQ(view->payload_offset(), 56u);

  packet = ping_v6().extension(0).extension(60).build();
  view = IpView::parse(packet);
  ASSERT_TRUE(view.has_value());
  EXPECT_FALSE(view->is_icmp());
  EXPECT_EQ(view->protocol(), kProtocolDestinationOptions);

  packet = ping_v6().extension(0).extension(0).build();  // once is allowed
  view = IpView::parse(packet);
  ASSERT_TRUE(view.has_value());
  EXPECT_FALSE(view->is_icmp());
}

TEST(IpView, EachFamilyHasItsOwnIcmp) {
  const auto v6_in_v4 = PacketBuilder("10.0.0.1", "10.0.0.2").raw(58, pattern(8)).build();
  EXPECT_FALSE(IpView::parse(v6_in_v4).value().is_icmp());
  const auto v4_in_v6 = PacketBuilder("fd00::1", "fd00::2").raw(1, pattern(8)).build();
  EXPECT_FALSE(IpView::parse(v4_in_v6).value().is_icmp());
}

TEST(IpView, KnowsFragments) {
  struct Case {
    const char* name;
    ByteVector packet;
    bool fragment;
    bool later;
  };
  const Case cases[] = {
      {"whole v4", ping_v4().build(), false, false},
      {"whole v4 with DF", ping_v4().dont_fragment().build(), false, false},
      {"first v4", ping_v4().fragment(0, true).build(), true, false},
      {"middle v4", ping_v4().fragment(1480, true).build(), true, true},
      {"last v4", ping_v4().fragment(8, false).build(), true, true},
      {"last v4 at the largest offset", ping_v4().fragment(65528, false).build(), true, true},
      {"whole v6", ping_v6().build(), false, false},
      {"atomic v6 (RFC 6946)", ping_v6().fragment(0, false).build(), false, false},
      {"first v6", ping_v6().fragment(0, true).build(), true, false},
      {"last v6", ping_v6().fragment(8, false).build(), true, true},
      {"last v6 behind hop-by-hop", ping_v6().extension(0).fragment(8, false).build(), true, true},
      {"v6 fragment header cut short", PacketBuilder("fd00::1", "fd00::2").raw(44, {58}).build(),
       true, true},
  };
  for (const auto& c : cases) {
    const auto view = IpView::parse(c.packet);
    ASSERT_TRUE(view.has_value()) << c.name;
    EXPECT_EQ(view->is_fragment(), c.fragment) << c.name;
    EXPECT_EQ(view->is_later_fragment(), c.later) << c.name;
  }
}

TEST(IpView, ReadsAQuoteThatIsCutBehindItsHeader) {
  for (const ByteVector& whole : {kEchoRequestV4, kEchoRequestV6}) {
    const std::size_t header = whole == kEchoRequestV4 ? 20 : 40;
    for (std::size_t n = 0; n <= whole.size(); ++n) {
      const auto view = IpView::parse_quoted(Bytes(whole).first(n));
      ASSERT_EQ(view.has_value(), n >= header) << n;
      if (!view) continue;
      EXPECT_EQ(view->payload().size(), n - header);
      EXPECT_EQ(view->hop_limit(), 64);
    }
  }
}

TEST(IpView, AQuotesHeaderChecksumIsNotJudged) {
  const auto packet = ping_v4().hop_limit(1).break_ip_checksum().build();
  EXPECT_TRUE(IpView::parse_quoted(packet).has_value());
}

TEST(IpView, AQuotesHeaderIs) {
  EXPECT_EQ(IpView::parse_quoted(ping_v4().header_words(4).build()).error(),
            DropReason::bad_header_length);
  EXPECT_EQ(IpView::parse_quoted(ping_v4().length_field(8).build()).error(),
            DropReason::bad_total_length);
  EXPECT_EQ(IpView::parse_quoted(ping_v4().version(9).build()).error(), DropReason::bad_version);
  const auto options = ping_v4().options(ByteVector(8, 1)).build();
  EXPECT_FALSE(IpView::parse_quoted(Bytes(options).first(24)).has_value());
  EXPECT_EQ(IpView::parse_quoted(Bytes(options).first(36)).value().payload()[0], 8);
}

// parse() never reads outside of what it was given (the sanitizer watches), and what it accepts
// lies within.
RC_GTEST_PROP(IpView, AnyBytesAreSafe, (std::vector<std::uint8_t> bytes, bool v4)) {
  bytes.resize(bytes.size() + 20);
  bytes[0] = static_cast<std::uint8_t>(v4 ? 0x40 | (bytes[0] & 15) : 0x60);
  for (const auto& view : {IpView::parse(bytes), IpView::parse_quoted(bytes)}) {
    if (!view) continue;
    RC_ASSERT(view->bytes().size() <= bytes.size());
    RC_ASSERT(view->payload_offset() <= view->bytes().size());
    RC_ASSERT(view->source().family() == view->family());
  }
}

RC_GTEST_PROP(HopLimit, DecrementKeepsTheChecksumRight, ()) {
  const auto byte = rc::gen::inRange(0, 256);
  const int before = *rc::gen::inRange(1, 256);
  const auto packet = PacketBuilder(IpAddress::v4(*rc::gen::arbitrary<std::uint32_t>()),
                                    IpAddress::v4(*rc::gen::arbitrary<std::uint32_t>()))
                          .hop_limit(before)
                          .traffic_class(*byte)
                          .identification(*rc::gen::inRange(0, 65536))
                          .options(ByteVector(4 * *rc::gen::inRange<std::size_t>(0, 11), 1))
                          .raw(*byte, pattern(3))
                          .build();
  ByteVector changed = packet;
  decrement_hop_limit(changed);
  RC_ASSERT(changed[8] == before - 1);
  const auto header = Bytes(changed).first(std::size_t{changed[0]} % 16 * 4);
  RC_ASSERT(test::slow_checksum(header) == 0);
  increment_hop_limit(changed);
  RC_ASSERT(changed == packet);
}

TEST(HopLimit, DecrementChangesOneByteOfIpv6) {
  ByteVector packet = kEchoRequestV6;
  decrement_hop_limit(packet);
  ByteVector expected = kEchoRequestV6;
  expected[7] = 63;
  EXPECT_EQ(packet, expected);
  increment_hop_limit(packet);
  EXPECT_EQ(packet, kEchoRequestV6);
}

TEST(WriteIpHeader, WritesTheGoldenHeaders) {
  ByteVector v4(20, 0xee);
  write_ip_header({.source = address("100.96.0.1"),
                   .destination = address("172.16.10.120"),
                   .protocol = kProtocolIcmp,
                   .hop_limit = 64,
                   .traffic_class = 0x12,
                   .dont_fragment = true,
                   .label = 0x1c46},
                  12, v4);
  EXPECT_TRUE(std::ranges::equal(v4, Bytes(kEchoRequestV4).first(20)));

  ByteVector v6(40, 0xee);
  write_ip_header({.source = address("fd00:64::1"),
                   .destination = address("fd00:10::120"),
                   .protocol = kProtocolIcmpv6,
                   .hop_limit = 64,
                   .traffic_class = 0x12},
                  12, v6);
  ByteVector expected(kEchoRequestV6.begin(), kEchoRequestV6.begin() + 40);
  expected[1] = 0x20;  // no flow label
  expected[2] = expected[3] = 0;
  EXPECT_EQ(v6, expected);
}

}  // namespace
}  // namespace oneping
