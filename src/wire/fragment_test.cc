#include "wire/fragment.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <algorithm>

#include "test/support/packet_builder.h"
#include "wire/icmp.h"

namespace oneping {
namespace {

using test::address;
using test::ByteVector;
using test::PacketBuilder;
using test::pattern;

PacketBuilder v4() { return {"100.96.0.1", "172.16.10.120"}; }
PacketBuilder v6() { return {"fd00:64::1", "fd00:10::120"}; }

ByteVector vector_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

TEST(Fragment, ReadsAPiece) {
  for (const bool is_v4 : {true, false}) {
    const auto bytes = (is_v4 ? v4() : v6())
                           .identification(0x1234)
                           .raw(is_v4 ? 1 : 58, pattern(24))
                           .fragment(1480, true)
                           .build();
    const auto view = IpView::parse(bytes);
    ASSERT_TRUE(view);
    ASSERT_TRUE(view->is_fragment());
    EXPECT_TRUE(view->is_later_fragment());
    const auto fragment = Fragment::read(*view);
    ASSERT_TRUE(fragment);
    EXPECT_EQ(fragment->id, 0x1234u);
    EXPECT_EQ(fragment->offset, 1480u);
    EXPECT_TRUE(fragment->more);
    EXPECT_EQ(vector_of(fragment->bytes), pattern(24));
  }
}

TEST(Fragment, NoWholePacketCanBeMadeOfThese) {
  struct Case {
    const char* name;
    std::size_t size;
    int offset;
    bool more;
  };
  const Case cases[] = {
      {"empty", 0, 8, false},
      {"empty, and more to come", 0, 0, true},
      {"no multiple of 8 and not the last", 23, 0, true},
      {"ends beyond the largest packet", 24, 65528, false},
  };
  for (const Case& c : cases) {
    for (const bool is_v4 : {true, false}) {
      const auto bytes =
          (is_v4 ? v4() : v6()).raw(1, pattern(c.size)).fragment(c.offset, c.more).build();
      const auto view = IpView::parse(bytes);
      ASSERT_TRUE(view) << c.name;
      EXPECT_EQ(Fragment::read(*view).error(), DropReason::bad_fragment) << c.name;
    }
  }
  const auto cut = v6().raw(44, {58, 0, 0, 1}).build();
  EXPECT_EQ(Fragment::read(*IpView::parse(cut)).error(), DropReason::truncated);
}

TEST(Fragment, TheLargestPacketsLastPieceIsSound) {
  const auto four = v4().raw(1, pattern(3)).fragment(65512, false).build();
  EXPECT_TRUE(Fragment::read(*IpView::parse(four))) << "20 + 65512 + 3 = 65535";
  const auto six = v6().raw(58, pattern(7)).fragment(65520, false).build();
  EXPECT_TRUE(Fragment::read(*IpView::parse(six))) << "8 + 65520 + 7 = 65535";
}

TEST(IpView, AnAtomicFragmentIsAWholePacketThatMayBeCut) {
  const ByteVector payload = pattern(56);
  const auto bytes =
      v6().identification(7).extension(0).echo_request(1, 2, payload).fragment(0, false).build();
  const auto view = IpView::parse(bytes);
  ASSERT_TRUE(view);
  EXPECT_FALSE(view->is_fragment());
  EXPECT_FALSE(view->dont_fragment());
  EXPECT_EQ(view->fragment_header_offset(), 48u);
  const auto icmp = IcmpView::parse(*view);
  ASSERT_TRUE(icmp);
  EXPECT_EQ(vector_of(icmp->payload), payload);
  EXPECT_TRUE(may_be_cut(*view));

  const auto plain = v6().echo_request(1, 2).build();
  EXPECT_TRUE(IpView::parse(plain)->dont_fragment());
  EXPECT_FALSE(may_be_cut(*IpView::parse(plain)));
  const auto four = v4().echo_request(1, 2);
  EXPECT_TRUE(may_be_cut(*IpView::parse(v4().echo_request(1, 2).build())));
}

TEST(MakeEcho, WithAFragmentHeaderItMayBeCut) {
  PacketPool pool;
  const auto packet = make_echo(pool, EchoType::reply,
                                {.source = address("fd00:10::120"),
                                 .destination = address("fd00:64::1"),
                                 .fragment_id = 0xabcd},
                                {1, 2}, pattern(100));
  ASSERT_TRUE(packet);
  EXPECT_EQ(packet->size(), 40u + 8 + 8 + 100);
  EXPECT_EQ(vector_of(packet->bytes()), PacketBuilder("fd00:10::120", "fd00:64::1")
                                            .identification(0xabcd)
                                            .echo_reply(1, 2, pattern(100))
                                            .fragment(0, false)
                                            .build());
}

TEST(RemoveFragmentHeader, LeavesThePacketAsItWasBefore) {
  for (const bool hop_by_hop : {false, true}) {
    PacketBuilder builder = v6().echo_request(1, 2, pattern(20));
    if (hop_by_hop) builder.extension(0);
    const auto plain = builder.build();
    PacketPool pool;
    auto packet = *pool.copy(builder.fragment(0, false).build());
    const auto with_header = vector_of(packet.bytes());
    const auto header = remove_fragment_header(packet);
    EXPECT_EQ(vector_of(packet.bytes()), plain);
    EXPECT_FALSE(remove_fragment_header(packet));
    EXPECT_EQ(vector_of(packet.bytes()), plain);
    ASSERT_TRUE(header);
    put_fragment_header_back(packet, *header);
    EXPECT_EQ(vector_of(packet.bytes()), with_header);
  }
  PacketPool pool;
  const auto four = v4().echo_request(1, 2, pattern(20)).build();
  auto packet = *pool.copy(four);
  EXPECT_FALSE(remove_fragment_header(packet));
  EXPECT_EQ(vector_of(packet.bytes()), four);
}

TEST(MarkCongestion, SetsBothBitsAndKeepsTheHeaderSound) {
  for (const bool is_v4 : {true, false}) {
    auto bytes = (is_v4 ? v4() : v6()).traffic_class(0xb9).echo_request(1, 1).build();
    mark_congestion(bytes);
    const auto view = IpView::parse(bytes);
    ASSERT_TRUE(view) << "the checksum is right";
    EXPECT_EQ(view->traffic_class(), 0xbb);
  }
}

std::vector<ByteVector> cut(const ByteVector& packet, std::size_t mtu) {
  PacketPool pool;
  const auto view = IpView::parse(packet);
  Fragmenter fragmenter(*view, mtu);
  std::vector<ByteVector> pieces;
  EXPECT_TRUE(fragmenter.is_possible());
  while (!fragmenter.is_done()) pieces.push_back(vector_of(fragmenter.next(pool)->bytes()));
  return pieces;
}

TEST(Fragmenter, CutsAsRfc791AndRfc8200Say) {
  const ByteVector content = pattern(1400);  // as an echo of 1392 bytes
  const auto four = v4().identification(9).traffic_class(0xb8).raw(1, content).build();
  const auto pieces = cut(four, 576);
  ASSERT_EQ(pieces.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    const ByteVector piece(
        content.begin() + static_cast<std::ptrdiff_t>(552 * i),
        content.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(552 * (i + 1), 1400)));
    EXPECT_EQ(pieces[i], v4().identification(9)
                             .traffic_class(0xb8)
                             .raw(1, piece)
                             .fragment(static_cast<int>(552 * i), i < 2)
                             .build());
  }
  const auto six = v6().identification(9).extension(0).raw(58, content).fragment(0, false).build();
  const auto pieces6 = cut(six, 1280);
  ASSERT_EQ(pieces6.size(), 2u);
  EXPECT_EQ(pieces6[0], v6().identification(9)
                            .extension(0)
                            .raw(58, ByteVector(content.begin(), content.begin() + 1224))
                            .fragment(0, true)
                            .build());
  EXPECT_EQ(pieces6[1], v6().identification(9)
                            .extension(0)
                            .raw(58, ByteVector(content.begin() + 1224, content.end()))
                            .fragment(1224, false)
                            .build());
}

TEST(Fragmenter, OptionsGoWhereTheirFlagSays) {
  // No operation, record route (first piece only), loose source route (every piece), end.
  const ByteVector options = {1, 7, 3, 4, 0x83, 3, 4, 0};
  const auto packet = v4().options(options).raw(1, pattern(40)).build();
  const auto pieces = cut(packet, 52);
  ASSERT_EQ(pieces.size(), 2u);
  EXPECT_EQ(pieces[0], v4().options(options).raw(1, pattern(24)).fragment(0, true).build());
  EXPECT_EQ(
      pieces[1],
      v4().options({0x83, 3, 4, 0}).raw(1, pattern(16, 0x10 + 24)).fragment(24, false).build());
}

TEST(Fragmenter, BrokenOptionsEndThem) {
  for (const ByteVector& options : {ByteVector{0x83, 0, 1, 1}, ByteVector{0x83, 1, 1, 1},
                                    ByteVector{1, 1, 1, 0x83}, ByteVector{0x83, 9, 1, 1}}) {
    const auto packet = v4().options(options).raw(1, pattern(40)).build();
    const auto pieces = cut(packet, 48);
    EXPECT_EQ(pieces[1].size(), 20u + 16);
  }
}

TEST(Fragmenter, NothingFitsInAnMtuThatHeadersFill) {
  const auto four = v4().raw(1, pattern(40)).build();
  const auto view = IpView::parse(four);
  EXPECT_FALSE(Fragmenter(*view, 27).is_possible());
  EXPECT_TRUE(Fragmenter(*view, 28).is_possible());
  EXPECT_FALSE(Fragmenter(*view, 0).is_possible());
}

TEST(Fragmenter, WaitsForABuffer) {
  PacketPool pool({.max_packets = 1});
  const auto packet = v4().raw(1, pattern(40)).build();
  const auto view = IpView::parse(packet);
  Fragmenter fragmenter(*view, 44);
  auto first = fragmenter.next(pool);
  ASSERT_TRUE(first);
  EXPECT_FALSE(fragmenter.next(pool));
  first.reset();
  const auto second = fragmenter.next(pool);
  ASSERT_TRUE(second);
  EXPECT_EQ(Fragment::read(*IpView::parse(second->bytes()))->offset, 24u);
  EXPECT_TRUE(fragmenter.is_done());
}

TEST(StartWhole, NothingWithoutABuffer) {
  PacketPool pool({.max_packet_size = 100});
  const auto piece = v4().raw(1, pattern(24)).fragment(0, true).build();
  EXPECT_FALSE(start_whole(pool, *IpView::parse(piece), 81));
  EXPECT_TRUE(start_whole(pool, *IpView::parse(piece), 80));
}

}  // namespace
}  // namespace oneping
