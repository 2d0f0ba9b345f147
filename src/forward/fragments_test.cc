// Packets in pieces, through a hop.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "forward/forwarder.h"
#include "test/support/fake_link.h"
#include "test/support/packet_builder.h"
#include "wire/fragment.h"
#include "wire/icmp.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;
using test::address;
using test::ByteVector;
using test::FakeLink;
using test::PacketBuilder;
using test::pattern;

struct FixedRouter final : Router {
  std::optional<DropReason> admit(const IpView&, Time) override { return refusal; }
  tl::expected<Link*, DropReason> next_hop(const IpView& packet, Time) override {
    asked.emplace_back(packet.bytes().begin(), packet.bytes().end());
    return link;
  }
  std::uint64_t ingress() const override { return from; }
  Link* way_back(std::uint64_t to) override {
    const auto found = ways_back.find(to);
    return found == ways_back.end() ? nullptr : found->second;
  }
  std::optional<DropReason> refusal;
  Link* link = nullptr;
  std::uint64_t from = 1;
  std::map<std::uint64_t, Link*> ways_back;
  std::vector<ByteVector> asked;
};

struct Family {
  const char* name;
  const char* client;
  const char* origin;
  const char* hop;
  std::uint8_t exceeded, too_big;
  friend void PrintTo(const Family& family, std::ostream* out) { *out << family.name; }
};

const Family kFamilies[] = {
    {"IPv4", "100.96.0.1", "172.16.10.120", "172.68.101.57", 11, 3},
    {"IPv6", "fd00::1", "fd10::120", "fd68::57", 3, 2},
};

class Fragments : public testing::TestWithParam<Family> {
 protected:
  Fragments() {
    router.link = &next;
    router.ways_back[1] = &back;
  }
  ~Fragments() override {
    const auto& c = counters();
    EXPECT_EQ(c.in(), c.forwarded() + c.answered() + c.dropped()) << "nothing is held any more";
  }

  // An echo request that may be cut: for IPv6, one with a fragment header.
  ByteVector echo(std::size_t payload, int hop_limit = 64, int id = 1) {
    PacketBuilder packet(GetParam().client, GetParam().origin);
    packet.identification(id).hop_limit(hop_limit).traffic_class(0xb8);
    packet.echo_request(7, 1, pattern(payload));
    if (!is_v4()) packet.fragment(0, false);
    return packet.build();
  }
  std::vector<ByteVector> cut(const ByteVector& packet, std::size_t mtu) {
    const auto view = IpView::parse(packet);
    Fragmenter fragmenter(*view, mtu);
    std::vector<ByteVector> pieces;
    while (!fragmenter.is_done()) {
      const auto piece = *fragmenter.next(pool);
      pieces.emplace_back(piece.data(), piece.data() + piece.size());
    }
    return pieces;
  }
  void forward(const ByteVector& packet) {
    forwarder.forward(*pool.copy(packet), router, &back, now);
  }
  ByteVector sent(std::size_t i) {
    const Bytes bytes = std::as_const(next.sent[i]).bytes();
    return {bytes.begin(), bytes.end()};
  }
  // What the pieces that went out make.
  ByteVector joined() {
    Reassembler reassembler({}, pool, 1);
    StageCounters ignored;
    std::optional<Reassembler::Whole> whole;
    for (Packet& piece : next.sent) {
      EXPECT_LE(piece.size(), next.mtu);
      EXPECT_FALSE(whole);
      const auto view = IpView::parse(piece.bytes());
      whole = reassembler.add(std::move(piece), *view, 0, ignored, now);
    }
    if (!whole) return {};
    return {whole->packet.data(), whole->packet.data() + whole->packet.size()};
  }
  IcmpView error() {
    EXPECT_EQ(back.sent.size(), 1u);
    const auto ip = IpView::parse(back.sent.at(0).bytes()).value();
    EXPECT_EQ(ip.source(), address(GetParam().hop));
    return IcmpView::parse(ip).value();
  }
  bool is_v4() const { return GetParam().exceeded == 11; }
  const StageCounters& counters() const { return router.traffic().packets; }

  PacketPool pool;
  SeededRandom random{1};
  FakeLink next, back;
  FixedRouter router;
  Forwarder::Options options;
  Forwarder forwarder{
      options, [](const IpView& packet) { return address(kFamilies[packet.is_v4() ? 0 : 1].hop); },
      pool, random};
  Time now{1s};
};

INSTANTIATE_TEST_SUITE_P(Families, Fragments, testing::ValuesIn(kFamilies),
                         [](const auto& p) { return p.param.name; });

TEST_P(Fragments, TheRoleIsAskedAboutTheWholePacketAndItGoesOnInPieces) {
  for (const std::size_t size : {1600u, 8000u, 65507u}) {
    next.sent.clear();
    router.asked.clear();
    const auto packet = echo(size);
    const auto pieces = cut(packet, 1500);
    for (const auto& piece : pieces) forward(piece);
    ASSERT_EQ(router.asked.size(), 1u);
    EXPECT_EQ(router.asked[0], packet);
    EXPECT_EQ(next.sent.size(), pieces.size());
    EXPECT_EQ(joined(), echo(size, 63));
  }
  EXPECT_EQ(counters().forwarded(), counters().in());
  EXPECT_EQ(router.traffic().bytes_forwarded, router.traffic().bytes_received);
  EXPECT_EQ(pool.in_use(), 0u);
}

TEST_P(Fragments, WhatFitsTheNextLinkGoesOnWhole) {
  const auto packet = echo(1000);
  for (const auto& piece : cut(packet, 600)) forward(piece);
  ASSERT_EQ(next.sent.size(), 1u);
  EXPECT_EQ(sent(0), echo(1000, 63));
}

TEST_P(Fragments, AWholePacketThatMayBeCutGoesOnInPieces) {
  next.mtu = 1280;
  forward(echo(1400));
  EXPECT_EQ(next.sent.size(), 2u);
  EXPECT_EQ(joined(), echo(1400, 63));
  EXPECT_EQ(counters().forwarded(), 1u);
}

TEST_P(Fragments, WhatMayNotBeCutIsTooBig) {
  next.mtu = 1280;
  PacketBuilder packet(GetParam().client, GetParam().origin);
  packet.echo_request(7, 1, pattern(1400));
  if (is_v4()) packet.dont_fragment();
  forward(packet.build());
  const auto icmp = error();
  EXPECT_EQ(icmp.type, GetParam().too_big);
  EXPECT_EQ(icmp.sequence, 1280);
  EXPECT_TRUE(next.sent.empty());
}

TEST_P(Fragments, ToALinkWithoutPiecesEverythingThatDoesNotFitIsTooBig) {
  next.mtu = 1280;
  next.fragments = false;
  for (const auto& piece : cut(echo(1400), 1000)) forward(piece);
  EXPECT_EQ(error().type, GetParam().too_big);
  EXPECT_EQ(counters().answered(DropReason::too_big), 2u) << "both pieces";
}

TEST_P(Fragments, ALinkTooNarrowForAnyPieceIsTooBig) {
  next.mtu = 27;
  forward(echo(100));
  EXPECT_EQ(counters().answered(DropReason::too_big), 1u);
}

TEST_P(Fragments, AnErrorQuotesTheWholePacketAsItWouldHaveCome) {
  next.refusal = DropReason::icmp_unavailable;
  const auto packet = echo(2000);
  for (const auto& piece : cut(packet, 1500)) forward(piece);
  const auto icmp = error();
  EXPECT_TRUE(std::ranges::equal(icmp.payload, Bytes(packet).first(icmp.payload.size())))
      << "its hop limit, too";
  EXPECT_EQ(counters().answered(DropReason::icmp_unavailable), 2u);
}

TEST_P(Fragments, APieceThatIsRefusedTakesThePacketWithIt) {
  struct Narrow final : Link {
    std::optional<DropReason> send(Packet& packet, Time) override {
      if (++packets == 2) return DropReason::queue_full;
      packet = Packet();
      return std::nullopt;
    }
    std::size_t max_packet_size() const override { return 1500; }
    int packets = 0;
  } narrow;
  router.link = &narrow;
  for (const auto& piece : cut(echo(4000), 1500)) forward(piece);
  EXPECT_EQ(narrow.packets, 2) << "the third would be of no use";
  EXPECT_EQ(counters().dropped(DropReason::queue_full), 3u);
}

TEST_P(Fragments, EachPiecesHopsAndAdmissionAreItsOwn) {
  const auto pieces = cut(echo(2000, 1), 1500);
  for (const auto& piece : pieces) forward(piece);
  EXPECT_EQ(error().type, GetParam().exceeded) << "once, about the first piece";
  EXPECT_EQ(counters().answered(DropReason::hop_limit_exceeded), 1u);
  EXPECT_EQ(counters().dropped(DropReason::hop_limit_exceeded), 1u);

  back.sent.clear();
  router.refusal = DropReason::source_refused;
  for (const auto& piece : cut(echo(2000), 1500)) forward(piece);
  EXPECT_EQ(back.sent.size(), 1u);
  EXPECT_TRUE(router.asked.empty()) << "nothing is kept of who may not come in";
}

TEST_P(Fragments, PiecesOfDifferentWaysInDoNotMix) {
  const auto pieces = cut(echo(2000), 1500);
  forward(pieces[0]);
  router.from = 2;
  forward(pieces[1]);
  EXPECT_TRUE(next.sent.empty());
  router.from = 1;
  forward(pieces[1]);
  EXPECT_EQ(next.sent.size(), 2u);
  now += 15s;
  forwarder.on_time(router, now);
  EXPECT_EQ(counters().dropped(DropReason::reassembly_timeout), 1u);
}

TEST_P(Fragments, WhoseOtherPiecesNeverCameIsTold) {
  const auto pieces = cut(echo(4000), 1500);
  forward(pieces[0]);
  forward(pieces[1]);
  forward(cut(echo(4000, 64, 2), 1500)[1]);  // of another packet, whose beginning is missing
  EXPECT_EQ(Forwarder::next_deadline(router), now + 15s);
  EXPECT_EQ(counters().held(), 3u);
  now += 15s;
  forwarder.on_time(router, now);
  const auto icmp = error();
  EXPECT_EQ(icmp.type, GetParam().exceeded);
  EXPECT_EQ(icmp.code, 1);
  EXPECT_TRUE(std::ranges::equal(icmp.payload, Bytes(pieces[0]).first(icmp.payload.size())));
  EXPECT_EQ(counters().answered(DropReason::reassembly_timeout), 2u);
  EXPECT_EQ(counters().dropped(DropReason::reassembly_timeout), 1u);
  EXPECT_EQ(Forwarder::next_deadline(router), kNever);
}

TEST_P(Fragments, WhoHasGoneIsNotTold) {
  router.ways_back.clear();
  forward(cut(echo(4000), 1500)[0]);
  now += 15s;
  forwarder.on_time(router, now);
  EXPECT_TRUE(back.sent.empty());
  EXPECT_EQ(counters().dropped(DropReason::reassembly_timeout), 1u);
}

}  // namespace
}  // namespace oneping
