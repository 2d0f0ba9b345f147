#include "wire/icmp_relay.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "test/support/packet_builder.h"
#include "wire/icmp_extensions.h"

namespace oneping {
namespace {

using test::address;
using test::ByteVector;
using test::icmp_packet_checksums_right;
using test::PacketBuilder;
using test::pattern;

// One MPLS label stack object (RFC 4950).
const ByteVector kMpls = {0x20, 0x00, 0x5d, 0xb7,   // version 2, checksum
                          0x00, 0x08, 0x01, 0x01,   // length 8, class MPLS, incoming stack
                          0x00, 0x3e, 0x81, 0x01};  // label 1000, EXP 0, bottom, TTL 1

// A request as the client sends it, and the quote of it.
struct Request {
  explicit Request(bool is_v4, std::size_t payload_size, bool dont_fragment = true)
      : v4(is_v4), payload(pattern(payload_size)) {
    PacketBuilder builder(v4 ? "100.96.0.1" : "fd00:96::1", v4 ? "10.20.30.40" : "fd00:20::40");
    builder.hop_limit(1).traffic_class(0xb8).echo_request(0x1234, 7, payload);
    if (v4) builder.identification(0xbeef);
    if (v4 && dont_fragment) builder.dont_fragment();
    bytes = builder.build();
    if (!v4) bytes[3] = 0x42;  // a flow label
    const auto ip = IpView::parse(bytes);
    quote = {.header = {.source = ip->source(),
                        .destination = ip->destination(),
                        .hop_limit = 1,
                        .traffic_class = 0xb8,
                        .dont_fragment = v4 && dont_fragment,
                        .label = v4 ? 0xbeefu : 0x42u},
             .identity = {0x1234, 7},
             .checksum = load_be16(&ip->payload()[2]),
             .payload_size = payload.size(),
             .payload = payload};
  }

  bool v4;
  ByteVector payload;
  ByteVector bytes;
  EchoQuote quote;
};

RelayedError exceeded(bool v4, Bytes extensions = {}) {
  return {.from = address(v4 ? "10.20.1.1" : "fd00:20:1::1"),
          .hop_limit = 63,
          .traffic_class = 0xc0,
          .type = static_cast<std::uint8_t>(v4 ? 11 : 3),
          .code = 0,
          .extensions = extensions};
}

TEST(EchoQuote, IsWhatTheClientSentByteForByte) {
  for (const bool v4 : {true, false}) {
    for (const std::size_t size : {0u, 1u, 56u, 500u}) {
      for (const bool dont_fragment : {true, false}) {
        const Request request(v4, size, dont_fragment);
        ByteVector out(2000);
        out.resize(write_echo_quote(request.quote, out));
        EXPECT_EQ(out, request.bytes) << v4 << size;
      }
    }
  }
}

TEST(EchoQuote, EndsWhereKnowledgeOrRoomEnds) {
  const Request request(true, 100);
  ByteVector out(64);
  EXPECT_EQ(write_echo_quote(request.quote, out), 64u);
  EXPECT_TRUE(std::ranges::equal(out, Bytes(request.bytes).first(64)));

  EchoQuote beginning = request.quote;
  beginning.payload = beginning.payload.first(8);
  out.resize(200);
  EXPECT_EQ(write_echo_quote(beginning, out), 36u);

  const ByteVector padding = pattern(150);
  beginning.payload = padding;
  EXPECT_EQ(write_echo_quote(beginning, out), 128u) << "padding is no part of it";
}

TEST(UdpQuote, IsWhatTheClientSentByteForByte) {
  for (const bool v4 : {true, false}) {
    for (const std::size_t size : {0u, 1u, 32u, 500u}) {
      const auto payload = pattern(size);
      PacketBuilder builder(v4 ? "100.96.0.1" : "fd00:96::1", v4 ? "10.20.30.40" : "fd00:20::40");
      builder.hop_limit(1).traffic_class(0xb8).udp(4000, 33434, payload);
      if (v4) builder.identification(0xbeef).dont_fragment();
      auto bytes = builder.build();
      if (!v4) bytes[3] = 0x42;
      const auto ip = IpView::parse(bytes).value();
      const UdpQuote quote{.header = {.source = ip.source(),
                                      .destination = ip.destination(),
                                      .hop_limit = 1,
                                      .traffic_class = 0xb8,
                                      .dont_fragment = v4,
                                      .label = v4 ? 0xbeefu : 0x42u},
                           .ports = {4000, 33434},
                           .checksum = UdpView::parse(ip)->checksum,
                           .payload_size = size,
                           .payload = payload};
      ByteVector out(2000);
      out.resize(write_udp_quote(quote, out));
      EXPECT_EQ(out, bytes) << v4 << size;

      PacketPool pool;
      const auto packet = make_relayed_error(pool, exceeded(v4), quote);
      ASSERT_TRUE(packet);
      EXPECT_TRUE(icmp_packet_checksums_right(packet->bytes()));
      const auto error = IpView::parse(packet->bytes()).value();
      const auto found = quoted_udp(error, IcmpView::parse(error).value());
      ASSERT_TRUE(found);
      EXPECT_EQ(found->source, (SocketAddress{ip.source(), 4000}));
      EXPECT_EQ(found->destination, (SocketAddress{ip.destination(), 33434}));
    }
  }
}

TEST(MakeRelayedError, SaysWhatTheRouterSaidAboutWhatTheClientSent) {
  for (const bool v4 : {true, false}) {
    PacketPool pool;
    const Request request(v4, 56);
    const auto packet = make_relayed_error(pool, exceeded(v4), request.quote);
    ASSERT_TRUE(packet);
    EXPECT_TRUE(icmp_packet_checksums_right(packet->bytes()));
    const auto ip = IpView::parse(packet->bytes());
    ASSERT_TRUE(ip);
    EXPECT_EQ(ip->source(), exceeded(v4).from);
    EXPECT_EQ(ip->destination(), request.quote.header.source);
    EXPECT_EQ(ip->hop_limit(), 63);
    EXPECT_EQ(ip->traffic_class(), 0xc0);
    const auto icmp = IcmpView::parse(*ip);
    ASSERT_TRUE(icmp);
    EXPECT_EQ(icmp->type, v4 ? 11 : 3);
    EXPECT_EQ(icmp->code, 0);
    EXPECT_EQ(load_be32(&ip->payload()[4]), 0u);
    EXPECT_TRUE(std::ranges::equal(icmp->payload, request.bytes));
    const auto found = quoted_echo_request(*ip, *icmp);
    ASSERT_TRUE(found);
    EXPECT_EQ(found->identity, request.quote.identity);
  }
}

TEST(MakeRelayedError, PutsMtuAndPointerWhereTheyBelong) {
  struct Case {
    const char* name;
    bool v4;
    std::uint8_t type, code;
    std::uint32_t parameter, rest;  // rest: bytes 4 to 8
  };
  const Case cases[] = {
      {"frag needed", true, 3, 4, 1300, 1300},
      {"frag needed, of an old router", true, 3, 4, 0, 0},
      {"frag needed, too large a number", true, 3, 4, 70000, 0xffff},
      {"net unreachable has no parameter", true, 3, 0, 1300, 0},
      {"pointer", true, 12, 0, 8, 8 << 24},
      {"too big", false, 2, 0, 1300, 1300},
      {"pointer of IPv6", false, 4, 1, 40, 40},
      {"no route has no parameter", false, 1, 0, 1300, 0},
  };
  for (const Case& c : cases) {
    PacketPool pool;
    RelayedError error = exceeded(c.v4);
    error.type = c.type;
    error.code = c.code;
    error.parameter = c.parameter;
    const auto packet = make_relayed_error(pool, error, Request(c.v4, 56).quote);
    ASSERT_TRUE(packet) << c.name;
    EXPECT_EQ(load_be32(packet->data() + (c.v4 ? 24 : 44)), c.rest) << c.name;
    EXPECT_TRUE(icmp_packet_checksums_right(packet->bytes())) << c.name;
  }
}

TEST(MakeRelayedError, KeepsExtensionsBehindAPaddedQuote) {
  for (const bool v4 : {true, false}) {
    for (const std::size_t size : {0u, 1u, 56u, 103u, 333u}) {
      PacketPool pool;
      const Request request(v4, size);
      const auto packet = make_relayed_error(pool, exceeded(v4, kMpls), request.quote);
      ASSERT_TRUE(packet);
      EXPECT_TRUE(icmp_packet_checksums_right(packet->bytes()));
      const auto ip = IpView::parse(packet->bytes());
      const std::size_t unit = v4 ? 4 : 8;
      const std::size_t said = ip->payload()[v4 ? 5 : 4] * unit;
      const auto [quote, extensions] = split_quote(ip->payload().subspan(kIcmpHeaderSize), said);
      EXPECT_GE(said, kMinExtendedQuote);
      EXPECT_EQ(quote.size(), said);
      EXPECT_TRUE(std::ranges::equal(extensions, kMpls)) << v4 << size;
      EXPECT_TRUE(std::ranges::equal(quote.first(request.bytes.size()), request.bytes));
      EXPECT_TRUE(std::ranges::all_of(quote.subspan(request.bytes.size()),
                                      [](std::uint8_t byte) { return byte == 0; }));
    }
  }
}

TEST(MakeRelayedError, IsNeverLargerThanAnErrorMayBe) {
  for (const bool v4 : {true, false}) {
    const std::size_t limit = v4 ? 576 : 1280;
    for (const Bytes extensions : {Bytes(), Bytes(kMpls)}) {
      PacketPool pool;
      const auto packet =
          make_relayed_error(pool, exceeded(v4, extensions), Request(v4, 1400).quote);
      ASSERT_TRUE(packet);
      EXPECT_LE(packet->size(), limit);
      EXPECT_GT(packet->size(), limit - 16);
      EXPECT_TRUE(icmp_packet_checksums_right(packet->bytes()));
    }
  }
}

TEST(MakeRelayedError, LeavesOutExtensionsThatTheTypeCannotHaveOrThatLeaveNoRoom) {
  PacketPool pool;
  RelayedError too_big = exceeded(false, kMpls);
  too_big.type = 2;
  EXPECT_EQ(make_relayed_error(pool, too_big, Request(false, 56).quote)->size(), 48u + 104);
  const ByteVector many(500);
  EXPECT_EQ(make_relayed_error(pool, exceeded(true, many), Request(true, 56).quote)->size(),
            28u + 84);
}

TEST(MakeRelayedError, NothingWithoutABuffer) {
  PacketPool pool({.max_packet_size = 100, .max_packets = 1});
  EXPECT_FALSE(make_relayed_error(pool, exceeded(true), Request(true, 56).quote));
}

// However little is quoted, what the client gets is an error about his own request, and no more.
RC_GTEST_PROP(MakeRelayedError, QuotesTheBeginningOfTheRequest,
              (bool v4, std::uint16_t size, std::uint16_t known, bool extended)) {
  PacketPool pool;
  const Request request(v4, size % 1200);
  EchoQuote quote = request.quote;
  quote.payload = quote.payload.first(std::min<std::size_t>(known % 1200, quote.payload.size()));
  const auto packet =
      make_relayed_error(pool, exceeded(v4, extended ? Bytes(kMpls) : Bytes()), quote);
  RC_ASSERT(packet.has_value());
  RC_ASSERT(icmp_packet_checksums_right(packet->bytes()));
  const auto ip = IpView::parse(packet->bytes());
  RC_ASSERT(ip->destination() == quote.header.source);
  Bytes behind = IcmpView::parse(*ip)->payload;
  if (extended)
    behind = behind.first(ip->payload()[v4 ? 5 : 4] * extended_quote_unit(ip->family()));
  const std::size_t quoted =
      std::min(request.bytes.size() - size % 1200 + quote.payload.size(), behind.size());
  RC_ASSERT(std::ranges::equal(behind.first(quoted), Bytes(request.bytes).first(quoted)));
}

}  // namespace
}  // namespace oneping
