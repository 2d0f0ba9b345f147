#include "wire/icmp.h"

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

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// ping -c 1 -s 4 -p 01020506, ping -6 likewise.
const ByteVector kEchoRequestV4 = {0x45, 0x00, 0x00, 0x20,  // IPv4, total length 32
                                   0x00, 0x00, 0x00, 0x00,  // identification 0, may be fragmented
                                   0x40, 0x01, 0x5f, 0xf4,  // TTL 64, ICMP, header checksum
                                   100,  96,   0,    1,     // source
                                   172,  16,   10,   120,   // destination
                                   0x08, 0x00, 0xf1, 0xef,  // echo request, checksum
                                   0x00, 0x07, 0x00, 0x01,  // identifier 7, sequence 1
                                   0x01, 0x02, 0x05, 0x06};

const ByteVector kEchoReplyV6 = {
    0x60, 0x00, 0x00, 0x00,  // IPv6
    0x00, 0x0c, 0x3a, 0x3f,  // payload length 12, ICMPv6, hop limit 63
    0xfd, 0,    0,    0x10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x20,  // source
    0xfd, 0,    0,    0x64, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,    0x01,  // destination
    0x81, 0x00, 0x7d, 0x12,  // echo reply, checksum with pseudo-header
    0x00, 0x07, 0x00, 0x01,  // identifier 7, sequence 1
    0x01, 0x02, 0x05, 0x06};

tl::expected<IcmpView, DropReason> parse_icmp(const ByteVector& packet) {
  return IpView::parse(packet).and_then([](const IpView& ip) { return IcmpView::parse(ip); });
}

TEST(IcmpView, ReadsEchoes) {
  const auto request = parse_icmp(kEchoRequestV4);
  ASSERT_TRUE(request.has_value()) << to_string(request.error());
  EXPECT_EQ(request->kind, IcmpKind::echo_request);
  EXPECT_EQ(request->type, 8);
  EXPECT_EQ(request->code, 0);
  EXPECT_EQ(request->id, 7);
  EXPECT_EQ(request->sequence, 1);
  EXPECT_EQ(vector_of(request->payload), (ByteVector{1, 2, 5, 6}));

  const auto reply = parse_icmp(kEchoReplyV6);
  ASSERT_TRUE(reply.has_value()) << to_string(reply.error());
  EXPECT_EQ(reply->kind, IcmpKind::echo_reply);
  EXPECT_EQ(reply->id, 7);
  EXPECT_EQ(reply->sequence, 1);
  EXPECT_EQ(vector_of(reply->payload), (ByteVector{1, 2, 5, 6}));
}

TEST(IcmpView, SaysWhatIsWrong) {
  struct Case {
    const char* name;
    ByteVector packet;
    DropReason expected;
  };
  const PacketBuilder v4("100.96.0.1", "172.16.10.120");
  const PacketBuilder v6("fd00:64::1", "fd00:10::120");
  const auto ping4 = [&] { return PacketBuilder(v4).echo_request(7, 1, pattern(9)); };
  const auto ping6 = [&] { return PacketBuilder(v6).echo_request(7, 1, pattern(9)); };
  const Case cases[] = {
      {"checksum v4", ping4().break_icmp_checksum().build(), DropReason::bad_icmp_checksum},
      {"checksum v6", ping6().break_icmp_checksum().build(), DropReason::bad_icmp_checksum},
      {"no bytes v4", PacketBuilder(v4).raw(1, {}).build(), DropReason::truncated},
      {"7 bytes v4", PacketBuilder(v4).raw(1, ByteVector(7)).build(), DropReason::truncated},
      {"7 bytes v6", PacketBuilder(v6).raw(58, ByteVector(7)).build(), DropReason::truncated},
      {"UDP v4", PacketBuilder(v4).udp(1, 2).build(), DropReason::other_protocol},
      {"UDP v6", PacketBuilder(v6).udp(1, 2).build(), DropReason::other_protocol},
      {"ICMPv6 in v4", PacketBuilder(v4).raw(58, ByteVector(8)).build(),
       DropReason::other_protocol},
      {"destination options v6", ping6().extension(60).build(), DropReason::extension_header},
      {"routing v6", ping6().extension(43).build(), DropReason::extension_header},
      {"first fragment v6", ping6().fragment(0, true).build(), DropReason::fragment},
      {"later fragment v6", ping6().fragment(8, false).build(), DropReason::fragment},
      {"first fragment", ping4().fragment(0, true).build(), DropReason::fragment},
      {"later fragment", ping4().fragment(8, false).build(), DropReason::fragment},
  };
  for (const auto& [name, packet, expected] : cases) {
    const auto view = parse_icmp(packet);
    ASSERT_FALSE(view.has_value()) << name;
    EXPECT_EQ(view.error(), expected) << name << ": " << to_string(view.error());
  }
}

TEST(IcmpView, TheIpv6ChecksumCoversTheAddresses) {
  ByteVector packet = kEchoReplyV6;
  packet[23] ^= 1;  // the source's last byte
  EXPECT_EQ(parse_icmp(packet).error(), DropReason::bad_icmp_checksum);
}

TEST(IcmpView, EveryFlippedBitOfTheMessageIsSeen) {
  for (const ByteVector& whole : {kEchoRequestV4, kEchoReplyV6}) {
    for (std::size_t i = whole[0] >> 4 == 4 ? 20 : 40; i < whole.size(); ++i) {
      for (int bit = 0; bit < 8; ++bit) {
        ByteVector packet = whole;
        packet[i] = static_cast<std::uint8_t>(packet[i] ^ 1 << bit);
        EXPECT_FALSE(parse_icmp(packet).has_value()) << i << "/" << bit;
      }
    }
  }
}

TEST(IcmpKind, OfEveryType) {
  for (int type = 0; type < 256; ++type) {
    const auto t = static_cast<std::uint8_t>(type);
    const bool error4 = type == 3 || type == 11 || type == 12;
    EXPECT_EQ(icmp_kind(IpFamily::v4, t), type == 8   ? IcmpKind::echo_request
                                          : type == 0 ? IcmpKind::echo_reply
                                          : error4    ? IcmpKind::error
                                                      : IcmpKind::other)
        << type;
    EXPECT_EQ(icmp_kind(IpFamily::v6, t), type == 128              ? IcmpKind::echo_request
                                          : type == 129            ? IcmpKind::echo_reply
                                          : type >= 1 && type <= 4 ? IcmpKind::error
                                                                   : IcmpKind::other)
        << type;
  }
}

TEST(MakeEcho, MakesTheGoldenPackets) {
  PacketPool pool;
  const ByteVector payload{1, 2, 5, 6};
  const auto request = make_echo(
      pool, EchoType::request,
      {.source = address("100.96.0.1"), .destination = address("172.16.10.120")}, {7, 1}, payload);
  ASSERT_TRUE(request.has_value());
  EXPECT_EQ(vector_of(request->bytes()), kEchoRequestV4);

  const auto reply = make_echo(
      pool, EchoType::reply,
      {.source = address("fd00:10::120"), .destination = address("fd00:64::1"), .hop_limit = 63},
      {7, 1}, payload);
  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(vector_of(reply->bytes()), kEchoReplyV6);
}

TEST(MakeEcho, NothingWithoutABuffer) {
  PacketPool pool({.max_packet_size = 100, .max_packets = 1});
  const IpHeader header{.source = address("10.0.0.1"), .destination = address("10.0.0.2")};
  EXPECT_FALSE(make_echo(pool, EchoType::request, header, {}, pattern(73)).has_value());
  const auto packet = make_echo(pool, EchoType::request, header, {}, pattern(72));
  EXPECT_TRUE(packet.has_value());
  EXPECT_FALSE(make_echo(pool, EchoType::request, header, {}, {}).has_value());
}

// A pool hands out buffers that held other packets: nothing of them may show.
RC_GTEST_PROP(MakeEcho, IsReadBackAsItWasMade,
              (const std::vector<std::uint8_t>& payload, std::uint16_t id, std::uint16_t sequence,
               bool v4, bool is_request)) {
  PacketPool pool({.max_packets = 1});
  std::ranges::fill(pool.allocate(pool.max_packet_size())->bytes(), std::uint8_t{0xee});
  const IpHeader header{.source = address(v4 ? "172.16.10.120" : "fd00:10::120"),
                        .destination = address(v4 ? "100.96.0.1" : "fd00:64::1"),
                        .hop_limit = static_cast<std::uint8_t>(*rc::gen::inRange(1, 256)),
                        .traffic_class = static_cast<std::uint8_t>(*rc::gen::inRange(0, 256))};
  const auto packet = make_echo(pool, is_request ? EchoType::request : EchoType::reply, header,
                                {id, sequence}, payload);
  RC_ASSERT(packet.has_value());
  RC_ASSERT(icmp_packet_checksums_right(packet->bytes()));
  const auto ip = IpView::parse(packet->bytes());
  RC_ASSERT(ip.has_value());
  RC_ASSERT(ip->bytes().size() == packet->size());
  RC_ASSERT(ip->source() == header.source);
  RC_ASSERT(ip->destination() == header.destination);
  RC_ASSERT(ip->hop_limit() == header.hop_limit);
  RC_ASSERT(ip->traffic_class() == header.traffic_class);
  const auto icmp = IcmpView::parse(*ip);
  RC_ASSERT(icmp.has_value());
  RC_ASSERT(icmp->kind == (is_request ? IcmpKind::echo_request : IcmpKind::echo_reply));
  RC_ASSERT(icmp->id == id);
  RC_ASSERT(icmp->sequence == sequence);
  RC_ASSERT(vector_of(icmp->payload) == payload);
}

// What a router says about kEchoRequestV4 whose TTL ran out; the quote is the packet as it came.
TEST(MakeIcmpError, MakesTheGoldenTimeExceeded) {
  PacketPool pool;
  const auto error = make_icmp_error(pool, *IpView::parse(kEchoRequestV4), address("172.68.101.57"),
                                     IcmpErrorCause::hop_limit_exceeded);
  ASSERT_TRUE(error.has_value());
  ByteVector expected = {
      0x45, 0xc0, 0x00, 0x3c,  // internetwork control, total length 60
      0x00, 0x00, 0x00, 0x00,  //
      0xff, 0x01, 0x45, 0x22,  // TTL 255, ICMP, header checksum
      172,  68,   101,  57,    // the router
      100,  96,   0,    1,     // back to the source
      0x0b, 0x00, 0xf4, 0xff,  // time exceeded in transit, checksum
      0x00, 0x00, 0x00, 0x00,  // unused
  };
  expected.insert(expected.end(), kEchoRequestV4.begin(), kEchoRequestV4.end());
  EXPECT_EQ(vector_of(error->bytes()), expected);
}

// What says where the packet came in: IncomingInterface("edge", 1500), ("connector", 1280).
const ByteVector kEdge1500 = {0x20, 0x00, 0x06, 0x44,  // version 2, checksum
                              0x00, 0x10, 0x02, 0x03,  // 16 bytes, incoming, name and MTU
                              0x08, 'e',  'd',  'g',  'e', 0, 0, 0,  // 8 bytes
                              0x00, 0x00, 0x05, 0xdc};               // 1500
const ByteVector kConnector1280 = {0x20, 0x00, 0x1b, 0xcb,           //
                                   0x00, 0x14, 0x02, 0x03,           //
                                   0x0c, 'c',  'o',  'n',  'n',  'e',  'c',  't',
                                   'o',  'r',  0,    0,    0x00, 0x00, 0x05, 0x00};

TEST(IncomingInterface, IsWrittenAsTheRfcHasIt) {
  EXPECT_EQ(vector_of(IncomingInterface("edge", 1500).bytes()), kEdge1500);
  EXPECT_EQ(vector_of(IncomingInterface("connector", 1280).bytes()), kConnector1280);
}

TEST(IncomingInterface, IsSoundWithANameOfAnyLength) {
  for (std::size_t size = 0; size < 300; ++size) {
    const IncomingInterface interface(std::string(size, 'n'), 1500);
    EXPECT_TRUE(are_extensions(interface.bytes())) << size;
    EXPECT_EQ(interface.bytes().size(),
              12 + (std::min(size, IncomingInterface::kMaxInterfaceName) + 4) / 4 * 4);
  }
}

ByteVector joined(std::initializer_list<ByteVector> parts) {
  ByteVector all;
  for (const ByteVector& part : parts) all.insert(all.end(), part.begin(), part.end());
  return all;
}

// RFC 4884, 4.5 and 5.2: the quote's length in words, zeros up to 128 bytes, then the extensions.
TEST(MakeIcmpError, MakesTheGoldenTimeExceededWithAnExtension) {
  PacketPool pool;
  const auto v4 = make_icmp_error(pool, *IpView::parse(kEchoRequestV4), address("172.68.101.57"),
                                  IcmpErrorCause::hop_limit_exceeded, 0, kEdge1500);
  ASSERT_TRUE(v4.has_value());
  EXPECT_EQ(vector_of(v4->bytes()), joined({{0x45, 0xc0, 0x00, 0xb0,   // total length 176
                                             0x00, 0x00, 0x00, 0x00,   //
                                             0xff, 0x01, 0x44, 0xae,   //
                                             172,  68,   101,  57,     //
                                             100,  96,   0,    1,      //
                                             0x0b, 0x00, 0xf4, 0xdf,   //
                                             0x00, 0x20, 0x00, 0x00},  // 32 words of 4 bytes
                                            kEchoRequestV4,
                                            ByteVector(128 - kEchoRequestV4.size()),
                                            kEdge1500}));

  const auto v6 = make_icmp_error(pool, *IpView::parse(kEchoReplyV6), address("fd00:68::57"),
                                  IcmpErrorCause::hop_limit_exceeded, 0, kConnector1280);
  ASSERT_TRUE(v6.has_value());
  EXPECT_EQ(vector_of(v6->bytes().subspan(40)), joined({{0x03, 0x00, 0x56, 0x2f,   //
                                                         0x10, 0x00, 0x00, 0x00},  // 16 of 8
                                                        kEchoReplyV6,
                                                        ByteVector(128 - kEchoReplyV6.size()),
                                                        kConnector1280}));
}

TEST(MakeIcmpError, TheLargestQuoteLeavesRoomForAnExtension) {
  PacketPool pool;
  for (const bool v4 : {true, false}) {
    const auto about =
        PacketBuilder(v4 ? "100.96.0.1" : "fd00:64::1", v4 ? "172.16.10.120" : "fd00:10::120")
            .echo_request(7, 1, pattern(1401))
            .build();
    const IpAddress router = address(v4 ? "172.68.101.57" : "fd00:68::57");
    const auto error = make_icmp_error(pool, *IpView::parse(about), router,
                                       IcmpErrorCause::hop_limit_exceeded, 0, kEdge1500);
    ASSERT_TRUE(error.has_value());
    EXPECT_LE(error->size(), v4 ? 576u : 1280u);
    EXPECT_TRUE(icmp_packet_checksums_right(error->bytes()));
    const Bytes icmp = IpView::parse(error->bytes())->payload();
    const std::size_t said = v4 ? icmp[5] * 4u : icmp[4] * 8u;
    const auto [quote, extensions] = split_quote(icmp.subspan(8), said);
    EXPECT_EQ(vector_of(extensions), kEdge1500);
    EXPECT_TRUE(std::equal(quote.begin(), quote.end(), about.begin()));
    EXPECT_GT(quote.size(), v4 ? 520u : 1200u);
  }
}

// Packet Too Big of IPv6 has no place for their length.
TEST(MakeIcmpError, NoExtensionWhereTheTypeHasNone) {
  PacketPool pool;
  const auto plain = make_icmp_error(pool, *IpView::parse(kEchoReplyV6), address("fd00:68::57"),
                                     IcmpErrorCause::packet_too_big, 1280);
  const auto error = make_icmp_error(pool, *IpView::parse(kEchoReplyV6), address("fd00:68::57"),
                                     IcmpErrorCause::packet_too_big, 1280, kEdge1500);
  EXPECT_EQ(vector_of(error->bytes()), vector_of(plain->bytes()));
}

struct CauseCase {
  const char* name;
  IcmpErrorCause cause;
  int type4, code4, type6, code6;
};

const CauseCase kCauses[] = {
    {"net unreachable", IcmpErrorCause::net_unreachable, 3, 0, 1, 0},
    {"host unreachable", IcmpErrorCause::host_unreachable, 3, 1, 1, 3},
    {"prohibited", IcmpErrorCause::admin_prohibited, 3, 13, 1, 1},
    {"source_refused", IcmpErrorCause::source_refused, 3, 13, 1, 5},
    {"too big", IcmpErrorCause::packet_too_big, 3, 4, 2, 0},
    {"hop limit", IcmpErrorCause::hop_limit_exceeded, 11, 0, 3, 0},
};

TEST(MakeIcmpError, HasTheNumbersOfItsCauseAndIsValid) {
  PacketPool pool;
  for (const auto& c : kCauses) {
    for (const bool v4 : {true, false}) {
      const auto about =
          PacketBuilder(v4 ? "100.96.0.1" : "fd00:64::1", v4 ? "172.16.10.120" : "fd00:10::120")
              .echo_request(7, 1, pattern(56))
              .build();
      const IpAddress router = address(v4 ? "172.68.101.57" : "fd00:68::57");
      const auto error = make_icmp_error(pool, *IpView::parse(about), router, c.cause, 1280);
      ASSERT_TRUE(error.has_value()) << c.name;
      EXPECT_TRUE(icmp_packet_checksums_right(error->bytes())) << c.name;
      const auto ip = IpView::parse(error->bytes());
      ASSERT_TRUE(ip.has_value()) << c.name;
      EXPECT_EQ(ip->source(), router);
      EXPECT_EQ(ip->destination().to_string(), v4 ? "100.96.0.1" : "fd00:64::1");
      EXPECT_EQ(ip->hop_limit(), 255);
      EXPECT_EQ(ip->traffic_class(), v4 ? 0xc0 : 0);
      const auto icmp = IcmpView::parse(*ip);
      ASSERT_TRUE(icmp.has_value()) << c.name;
      EXPECT_EQ(icmp->kind, IcmpKind::error);
      EXPECT_EQ(icmp->type, v4 ? c.type4 : c.type6) << c.name;
      EXPECT_EQ(icmp->code, v4 ? c.code4 : c.code6) << c.name;
      const bool has_mtu = c.cause == IcmpErrorCause::packet_too_big;
      EXPECT_EQ(load_be32(&ip->payload()[4]), has_mtu ? 1280u : 0u) << c.name;
      EXPECT_EQ(vector_of(icmp->payload), about) << c.name;
    }
  }
}

TEST(MakeIcmpError, QuotesAsMuchAsTheFamilyAllows) {
  struct Case {
    bool v4;
    std::size_t about, error;
  };
  const Case cases[] = {
      {true, 28, 56},  {true, 548, 576},    {true, 549, 576},    {true, 1500, 576},
      {false, 48, 96}, {false, 1232, 1280}, {false, 1233, 1280}, {false, 1500, 1280},
  };
  PacketPool pool;
  for (const auto& c : cases) {
    const std::size_t headers = c.v4 ? 28 : 48;
    const auto about =
        PacketBuilder(c.v4 ? "100.96.0.1" : "fd00:64::1", c.v4 ? "172.16.10.120" : "fd00:10::120")
            .echo_request(7, 1, pattern(c.about - headers))
            .build();
    ASSERT_EQ(about.size(), c.about);
    const auto error =
        make_icmp_error(pool, *IpView::parse(about), address(c.v4 ? "10.0.0.1" : "fd00::1"),
                        IcmpErrorCause::net_unreachable);
    ASSERT_TRUE(error.has_value());
    EXPECT_EQ(error->size(), c.error) << c.about;
    EXPECT_TRUE(icmp_packet_checksums_right(error->bytes())) << c.about;
    const Bytes quote = std::as_const(*error).bytes().subspan(headers);
    EXPECT_TRUE(std::ranges::equal(quote, Bytes(about).first(quote.size()))) << c.about;
  }
}

TEST(MakeIcmpError, AnIpv4MtuStaysInItsSixteenBits) {
  PacketPool pool;
  const auto error = make_icmp_error(pool, *IpView::parse(kEchoRequestV4), address("10.0.0.1"),
                                     IcmpErrorCause::packet_too_big, 0x12345);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(load_be32(error->data() + 24), 0x0000ffffu);
  const auto v6 = make_icmp_error(pool, *IpView::parse(kEchoReplyV6), address("fd00::1"),
                                  IcmpErrorCause::packet_too_big, 0x12345);
  ASSERT_TRUE(v6.has_value());
  EXPECT_EQ(load_be32(v6->data() + 44), 0x12345u);
}

TEST(MakeIcmpError, QuotesThePacketOnlyNotWhatLiesBehind) {
  PacketPool pool;
  ByteVector about = kEchoRequestV4;
  about.resize(about.size() + 100, 0xee);
  const auto error = make_icmp_error(pool, *IpView::parse(about), address("10.0.0.1"),
                                     IcmpErrorCause::net_unreachable);
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->size(), 28 + kEchoRequestV4.size());
}

TEST(MakeIcmpError, NothingWithoutABuffer) {
  PacketPool pool({.max_packet_size = 59, .max_packets = 1});
  EXPECT_FALSE(make_icmp_error(pool, *IpView::parse(kEchoRequestV4), address("10.0.0.1"),
                               IcmpErrorCause::net_unreachable)
                   .has_value());
  EXPECT_EQ(pool.in_use(), 0u);
}

// An ICMP error about `about`, quoting its first `size` bytes, as any router might send it.
ByteVector error_about(ByteVector about, std::size_t size, bool error_is_v4) {
  about.resize(std::min(size, about.size()));
  return PacketBuilder(error_is_v4 ? "10.0.0.1" : "fd00::1",
                       error_is_v4 ? "172.16.10.100" : "fd00:10::100")
      .icmp(error_is_v4 ? 11 : 3, 0, 0, about)
      .build();
}

TEST(QuotedEchoRequest, IsFoundInEveryQuoteThatHoldsOne) {
  const auto ping4 = PacketBuilder("100.96.0.1", "172.16.10.120").echo_request(7, 9, pattern(56));
  const auto ping6 = PacketBuilder("fd00:64::1", "fd00:10::120").echo_request(7, 9, pattern(56));
  const auto with = [](PacketBuilder builder, auto change) { return change(builder).build(); };
  struct Case {
    const char* name;
    ByteVector about;
    std::size_t size;
    bool error_is_v4;
    bool found;
  };
  const Case cases[] = {
      {"whole v4", ping4.build(), 84, true, true},
      {"8 bytes v4", ping4.build(), 28, true, true},
      {"7 bytes v4", ping4.build(), 27, true, false},
      {"half a header v4", ping4.build(), 12, true, false},
      {"nothing", {}, 0, true, false},
      {"options v4",
       with(
           ping4, [](auto& p) -> auto& { return p.options(ByteVector(12, 1)); }),
       40, true, true},
      {"options cut short v4",
       with(
           ping4, [](auto& p) -> auto& { return p.options(ByteVector(12, 1)); }),
       28, true, false},
      {"old checksum v4",
       with(
           ping4, [](auto& p) -> auto& { return p.break_ip_checksum(); }),
       84, true, true},
      {"whole v6", ping6.build(), 104, false, true},
      {"8 bytes v6", ping6.build(), 48, false, true},
      {"7 bytes v6", ping6.build(), 47, false, false},
      {"hop-by-hop v6",
       with(
           ping6, [](auto& p) -> auto& { return p.extension(0); }),
       56, false, true},
      {"destination options v6",
       with(
           ping6, [](auto& p) -> auto& { return p.extension(60); }),
       56, false, true},
      {"destination options cut short v6",
       with(
           ping6, [](auto& p) -> auto& { return p.extension(60); }),
       47, false, false},
      {"first fragment v6",
       with(
           ping6, [](auto& p) -> auto& { return p.fragment(0, true); }),
       104, false, true},
      {"whole with a fragment header v6",
       with(
           ping6, [](auto& p) -> auto& { return p.fragment(0, false); }),
       104, false, true},
      {"later fragment v6",
       with(
           ping6, [](auto& p) -> auto& { return p.fragment(8, true); }),
       104, false, false},
      {"v6 in an error of v4", ping6.build(), 104, true, false},
      {"v4 in an error of v6", ping4.build(), 84, false, false},
      {"first fragment v4",
       with(
           ping4, [](auto& p) -> auto& { return p.fragment(0, true); }),
       84, true, true},
      {"later fragment v4",
       with(
           ping4, [](auto& p) -> auto& { return p.fragment(8, true); }),
       84, true, false},
      {"echo reply v4",
       with(
           ping4, [](auto& p) -> auto& { return p.echo_reply(7, 9); }),
       84, true, false},
      {"UDP v4",
       with(
           ping4, [](auto& p) -> auto& { return p.udp(1, 2, pattern(8)); }),
       84, true, false},
      {"UDP v6",
       with(
           ping6, [](auto& p) -> auto& { return p.udp(1, 2, pattern(8)); }),
       84, false, false},
  };
  for (const auto& c : cases) {
    const auto packet = error_about(c.about, c.size, c.error_is_v4);
    const auto ip = IpView::parse(packet);
    ASSERT_TRUE(ip.has_value()) << c.name;
    const auto icmp = IcmpView::parse(*ip);
    ASSERT_TRUE(icmp.has_value()) << c.name;
    const auto quoted = quoted_echo_request(*ip, *icmp);
    ASSERT_EQ(quoted.has_value(), c.found) << c.name;
    if (!quoted) continue;
    EXPECT_EQ(quoted->identity, (EchoIdentity{7, 9})) << c.name;
    EXPECT_EQ(quoted->source, address(c.error_is_v4 ? "100.96.0.1" : "fd00:64::1")) << c.name;
    EXPECT_EQ(quoted->destination, address(c.error_is_v4 ? "172.16.10.120" : "fd00:10::120"))
        << c.name;
  }
}

PacketBuilder v4(const char* source = "100.96.0.1", const char* destination = "172.16.10.120") {
  return PacketBuilder(source, destination).udp(40000, 33434, pattern(8));
}

PacketBuilder v6(const char* source = "fd00:64::1", const char* destination = "fd00:10::120") {
  return PacketBuilder(source, destination).udp(40000, 33434, pattern(8));
}

TEST(MayAnswerWithError, OnlyWhereTheRfcsAllow) {
  struct Case {
    const char* name;
    ByteVector packet;
    bool allowed;
  };
  const ByteVector quote = pattern(28);
  const Case cases[] = {
      {"UDP v4", v4().build(), true},
      {"UDP v6", v6().build(), true},
      {"TCP v4", v4().raw(6, ByteVector(20)).build(), true},
      {"echo request v4", v4().echo_request(1, 1).build(), true},
      {"echo reply v4", v4().echo_reply(1, 1).build(), true},
      {"echo request v6", v6().echo_request(1, 1).build(), true},
      {"echo reply v6", v6().echo_reply(1, 1).build(), true},
      {"timestamp v4", v4().icmp(13, 0, 0, ByteVector(12)).build(), true},
      {"unreachable v4", v4().icmp(3, 1, 0, quote).build(), false},
      {"source quench v4", v4().icmp(4, 0, 0, quote).build(), false},
      {"redirect v4", v4().icmp(5, 0, 0, quote).build(), false},
      {"time exceeded v4", v4().icmp(11, 0, 0, quote).build(), false},
      {"parameter problem v4", v4().icmp(12, 0, 0, quote).build(), false},
      {"unassigned ICMP v4", v4().icmp(200, 0, 0, quote).build(), false},
      {"ICMP v4 without a type", v4().raw(1, {}).build(), false},
      {"an error with options before it", v4().options({1, 1, 1, 0}).icmp(3, 0, 0).build(), false},
      {"unreachable v6", v6().icmp(1, 0, 0, quote).build(), false},
      {"too big v6", v6().icmp(2, 0, 1280, quote).build(), false},
      {"time exceeded v6", v6().icmp(3, 0, 0, quote).build(), false},
      {"parameter problem v6", v6().icmp(4, 0, 0, quote).build(), false},
      {"unknown error v6", v6().icmp(127, 0, 0, quote).build(), false},
      {"redirect v6", v6().icmp(137, 0, 0, quote).build(), false},
      {"ICMPv6 without a type", v6().raw(58, {}).build(), false},
      {"first fragment v4", v4().fragment(0, true).build(), true},
      {"later fragment v4", v4().fragment(8, true).build(), false},
      {"first fragment v6", v6().fragment(0, true).build(), true},
      {"later fragment v6", v6().fragment(8, false).build(), false},
      {"first fragment of an error v4", v4().icmp(3, 0, 0, quote).fragment(0, true).build(), false},
      {"first fragment of an error v6", v6().icmp(1, 0, 0, quote).fragment(0, true).build(), false},
      {"an error behind hop-by-hop", v6().extension(0).icmp(1, 0, 0, quote).build(), false},
      {"an error behind destination options", v6().extension(60).icmp(1, 0, 0, quote).build(),
       false},
      {"an error behind routing", v6().extension(43, ByteVector(22)).icmp(3, 0, 0, quote).build(),
       false},
      {"an echo behind all of them",
       v6().extension(0).extension(60).extension(43).echo_request(1, 1).build(), true},
      {"a later fragment behind routing", v6().extension(43).fragment(8, false).build(), false},
      {"UDP behind an authentication header",
       v6().raw(51, {17, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
           .build(),
       true},
      {"an error behind an authentication header",
       v6().raw(51, {58, 4, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1})
           .build(),
       false},
      {"extension header cut short", v6().raw(60, {17, 1, 0, 0, 0, 0, 0, 0}).build(), false},
      {"extension header of 7 bytes", v6().raw(43, {17, 0, 0, 0, 0, 0, 0}).build(), false},
      {"to multicast v4", v4("10.0.0.1", "224.0.0.1").build(), false},
      {"to broadcast v4", v4("10.0.0.1", "255.255.255.255").build(), false},
      {"to multicast v6", v6("fd00::1", "ff02::1").build(), false},
      {"from zero v4", v4("0.0.0.0", "10.0.0.2").build(), false},
      {"from this network v4", v4("0.0.0.9", "10.0.0.2").build(), false},
      {"from loopback v4", v4("127.0.0.1", "10.0.0.2").build(), false},
      {"from multicast v4", v4("224.0.0.1", "10.0.0.2").build(), false},
      {"from class E v4", v4("240.0.0.1", "10.0.0.2").build(), false},
      {"from broadcast v4", v4("255.255.255.255", "10.0.0.2").build(), false},
      {"from unspecified v6", v6("::", "fd00::2").build(), false},
      {"from loopback v6", v6("::1", "fd00::2").build(), false},
      {"from multicast v6", v6("ff02::1", "fd00::2").build(), false},
      {"from link-local v6", v6("fe80::1", "fd00::2").build(), true},
  };
  for (const auto& c : cases) {
    const auto view = IpView::parse(c.packet);
    ASSERT_TRUE(view.has_value()) << c.name;
    for (const auto cause : {IcmpErrorCause::net_unreachable, IcmpErrorCause::hop_limit_exceeded}) {
      EXPECT_EQ(may_answer_with_error(*view, cause), c.allowed) << c.name;
    }
  }
}

TEST(MayAnswerWithError, PathMtuDiscoveryWorksForIpv6Multicast) {
  const auto about = v6("fd00::1", "ff0e::1").build();
  EXPECT_TRUE(may_answer_with_error(*IpView::parse(about), IcmpErrorCause::packet_too_big));
  const auto error = v6("fd00::1", "ff0e::1").icmp(1, 0, 0, pattern(28)).build();
  EXPECT_FALSE(may_answer_with_error(*IpView::parse(error), IcmpErrorCause::packet_too_big));
  const auto about4 = v4("10.0.0.1", "224.0.0.1").build();
  EXPECT_FALSE(may_answer_with_error(*IpView::parse(about4), IcmpErrorCause::packet_too_big));
}

// However it was made, an error is itself something that gets no error.
RC_GTEST_PROP(MakeIcmpError, GetsNoErrorItself,
              (const std::vector<std::uint8_t>& payload, bool is_v4)) {
  PacketPool pool;
  const auto about =
      PacketBuilder(is_v4 ? "100.96.0.1" : "fd00:64::1", is_v4 ? "172.16.10.120" : "fd00:10::120")
          .raw(*rc::gen::inRange(0, 256), payload)
          .build();
  const auto ip = IpView::parse(about);
  RC_PRE(ip.has_value());
  const auto error = make_icmp_error(pool, *ip, address(is_v4 ? "10.0.0.1" : "fd00::1"),
                                     IcmpErrorCause::host_unreachable);
  RC_ASSERT(error.has_value());
  RC_ASSERT(icmp_packet_checksums_right(error->bytes()));
  const auto parsed = IpView::parse(error->bytes());
  RC_ASSERT(parsed.has_value());
  for (const auto& c : kCauses) RC_ASSERT(!may_answer_with_error(*parsed, c.cause));
  const auto quoted = IpView::parse_quoted(IcmpView::parse(*parsed)->payload);
  RC_ASSERT(quoted.has_value());
  RC_ASSERT(quoted->source() == ip->source());
}

}  // namespace
}  // namespace oneping
