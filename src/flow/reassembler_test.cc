#include "flow/reassembler.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <random>

#include "test/support/packet_builder.h"
#include "wire/icmp.h"

namespace oneping {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using test::ByteVector;
using test::PacketBuilder;
using test::pattern;

struct Source {
  const char* name;
  const char* from;
  const char* to;
  friend void PrintTo(const Source& source, std::ostream* out) { *out << source.name; }
};
const Source kV4{"v4", "100.96.0.1", "172.16.10.120"};
const Source kV6{"v6", "fd00:64::1", "fd00:10::120"};

// What comes in, and its clock.
class World {
 public:
  explicit World(const Reassembler::Options& options = {}) : reassembler(options, pool, 7) {}

  std::optional<Reassembler::Whole> add(const ByteVector& piece, std::uint64_t ingress = 0) {
    auto packet = *pool.copy(piece);
    const auto view = IpView::parse(packet.bytes());
    EXPECT_TRUE(view->is_fragment());
    counters.count_in();
    auto whole = reassembler.add(std::move(packet), *view, ingress, counters, now);
    if (whole) counters.count_forwarded(whole->pieces);
    EXPECT_EQ(counters.held(), reassembler.waiting_pieces()) << "every piece is somewhere";
    EXPECT_EQ(pool.in_use(), reassembler.waiting_pieces() + (whole ? 1 : 0));
    return whole;
  }
  [[nodiscard]] std::uint64_t dropped(DropReason why) const { return counters.dropped(why); }

  PacketPool pool;
  Reassembler reassembler;
  StageCounters counters;
  Time now{};
};

class Reassembly : public testing::TestWithParam<Source> {
 protected:
  // A piece of packet `id`: bytes [begin, end) of `content`.
  ByteVector piece(std::size_t begin, std::size_t end, bool more, int id = 1) const {
    const ByteVector part(content.begin() + static_cast<std::ptrdiff_t>(begin),
                          content.begin() + static_cast<std::ptrdiff_t>(end));
    return builder(id).raw(protocol(), part).fragment(static_cast<int>(begin), more).build();
  }
  PacketBuilder builder(int id = 1) const {
    PacketBuilder packet(GetParam().from, GetParam().to);
    return packet.identification(id).traffic_class(0xb8);
  }
  // What comes out: for IPv6 with a fragment header.
  ByteVector whole(int id = 1) const {
    PacketBuilder packet = builder(id).raw(protocol(), content);
    if (!is_v4()) packet.fragment(0, false);
    return packet.build();
  }
  bool is_v4() const { return GetParam().name == kV4.name; }
  int protocol() const { return is_v4() ? 1 : 58; }

  ByteVector content = pattern(3000);
  World world;
};

INSTANTIATE_TEST_SUITE_P(Families, Reassembly, testing::Values(kV4, kV6),
                         [](const auto& p) { return p.param.name; });

ByteVector bytes_of(const Reassembler::Whole& whole) {
  const Bytes bytes = whole.packet.bytes();
  return {bytes.begin(), bytes.end()};
}

TEST_P(Reassembly, PutsPiecesTogetherInAnyOrder) {
  std::vector<std::size_t> order = {0, 1, 2, 3};
  int id = 0;
  do {
    ++id;
    std::optional<Reassembler::Whole> done;
    std::size_t bytes = 0;
    for (const std::size_t i : order) {
      ASSERT_FALSE(done);
      const auto part = piece(800 * i, std::min<std::size_t>(800 * (i + 1), 3000), i < 3, id);
      bytes += part.size();
      done = world.add(part);
    }
    ASSERT_TRUE(done);
    EXPECT_EQ(bytes_of(*done), whole(id));
    EXPECT_EQ(done->pieces, 4u);
    EXPECT_EQ(done->bytes, bytes);
    EXPECT_EQ(world.reassembler.waiting_packets(), 0u);
  } while (std::next_permutation(order.begin(), order.end()));
}

TEST_P(Reassembly, TheLargestPacketIsPutTogether) {
  const std::size_t size = is_v4() ? 65515 : 65527;
  content = pattern(size);
  std::optional<Reassembler::Whole> done;
  for (std::size_t begin = 0; begin < size; begin += 1480) {
    const std::size_t end = std::min(begin + 1480, size);
    done = world.add(piece(begin, end, end < size));
  }
  ASSERT_TRUE(done);
  EXPECT_EQ(bytes_of(*done), whole());
}

TEST_P(Reassembly, TheFirstPiecesHeaderIsThePacketsOwn) {
  ASSERT_FALSE(world.add(PacketBuilder(GetParam().from, GetParam().to)
                             .identification(1)
                             .traffic_class(0x20)
                             .hop_limit(9)
                             .raw(protocol(), pattern(40, 0x38))
                             .fragment(40, false)
                             .build()));
  const auto done = world.add(PacketBuilder(GetParam().from, GetParam().to)
                                  .identification(1)
                                  .traffic_class(0xb8)
                                  .hop_limit(61)
                                  .raw(protocol(), pattern(40))
                                  .fragment(0, true)
                                  .build());
  ASSERT_TRUE(done);
  const auto view = IpView::parse(done->packet.bytes());
  ASSERT_TRUE(view);
  EXPECT_EQ(view->traffic_class(), 0xb8);
  EXPECT_EQ(view->hop_limit(), 61);
  EXPECT_FALSE(view->is_fragment());
  EXPECT_FALSE(view->dont_fragment()) << "who sent it in pieces may get it on in pieces";
}

TEST_P(Reassembly, APieceThatComesTwiceIsOne) {
  ASSERT_FALSE(world.add(piece(0, 800, true)));
  ASSERT_FALSE(world.add(piece(0, 800, true)));
  ASSERT_FALSE(world.add(piece(1600, 3000, false)));
  ASSERT_FALSE(world.add(piece(1600, 3000, false)));
  const auto done = world.add(piece(800, 1600, true));
  ASSERT_TRUE(done);
  EXPECT_EQ(bytes_of(*done), whole());
  EXPECT_EQ(done->pieces, 3u);
  EXPECT_EQ(world.dropped(DropReason::fragment_repeated), 2u);
}

// Each is a packet's beginning, and a piece that contradicts it: nothing ever comes of the packet.
TEST_P(Reassembly, PiecesThatContradictEachOtherEndThePacket) {
  ByteVector other = content;
  for (auto& byte : other) byte ^= 0xff;
  struct Part {
    std::size_t begin, end;
    bool more, lies;
  };
  struct Case {
    const char* name;
    std::vector<Part> parts;
  };
  const Case cases[] = {
      {"the same place, other bytes", {{0, 800, true, false}, {0, 800, true, true}}},
      {"over the end of one before", {{0, 800, true, false}, {792, 1600, true, false}}},
      {"over the beginning of one behind", {{800, 1600, true, false}, {0, 808, true, false}}},
      {"inside another", {{0, 1600, true, false}, {400, 800, true, false}}},
      {"around another", {{400, 800, true, false}, {0, 1600, true, false}}},
      {"over two", {{0, 800, true, false}, {800, 1600, true, false}, {400, 1200, true, false}}},
      {"two ends", {{1600, 3000, false, false}, {800, 1600, false, false}}},
      {"an end before what is there", {{1600, 2400, true, false}, {800, 1600, false, false}}},
      {"beyond the end", {{800, 1600, false, false}, {1600, 2400, true, false}}},
      {"up to the end, but not the last",
       {{1600, 3000, false, false}, {800, 1600, true, false}, {2200, 3000, true, false}}},
      {"the last after all", {{800, 1600, true, false}, {800, 1600, false, false}}},
      {"not the last after all", {{2200, 3000, false, false}, {2200, 3000, true, false}}},
  };
  int id = 0;
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    ++id;
    const auto before = world.dropped(DropReason::fragment_overlap);
    for (const Part& part : c.parts) {
      std::swap(content, part.lies ? other : content);
      EXPECT_FALSE(world.add(piece(part.begin, part.end, part.more, id)));
      std::swap(content, part.lies ? other : content);
    }
    EXPECT_EQ(world.dropped(DropReason::fragment_overlap), before + c.parts.size());
    // Those that come later, too (RFC 5722, 4).
    EXPECT_FALSE(world.add(piece(0, 1600, true, id)));
    EXPECT_FALSE(world.add(piece(1600, 3000, false, id)));
    EXPECT_EQ(world.reassembler.waiting_pieces(), 0u);
  }
  // But for the next of that name, when the time of this one is over.
  world.now += seconds(15);
  while (world.reassembler.take_late(world.now)) {
  }
  EXPECT_FALSE(world.add(piece(0, 1600, true)));
  EXPECT_TRUE(world.add(piece(1600, 3000, false)));
}

TEST_P(Reassembly, NoHeaderIsEverMadeOfTwoSources) {
  const auto first = piece(0, 800, true);
  const auto last = piece(800, 3000, false);
  ASSERT_FALSE(world.add(first, 1));
  EXPECT_FALSE(world.add(last, 2)) << "another way in";
  const char* other = is_v4() ? "100.96.0.2" : "fd00:64::2";
  EXPECT_FALSE(world.add(PacketBuilder(other, GetParam().to)
                             .identification(1)
                             .raw(protocol(), pattern(8))
                             .fragment(800, false)
                             .build(),
                         1))
      << "another source";
  EXPECT_FALSE(world.add(PacketBuilder(GetParam().from, other)
                             .identification(1)
                             .raw(protocol(), pattern(8))
                             .fragment(800, false)
                             .build(),
                         1))
      << "another destination";
  EXPECT_FALSE(world.add(piece(800, 3000, false, 2), 1)) << "another id";
  EXPECT_TRUE(world.add(last, 1));
}

TEST_P(Reassembly, AHalfPacketsTimeEnds) {
  const auto first = piece(0, 800, true, 1);
  ASSERT_FALSE(world.add(first, 5));
  world.now += milliseconds(14'999);
  ASSERT_FALSE(world.add(piece(800, 1600, true, 1), 5));
  ASSERT_FALSE(world.add(piece(800, 1600, true, 2), 6));
  EXPECT_FALSE(world.reassembler.take_late(world.now));
  EXPECT_EQ(world.reassembler.next_deadline(), world.now + milliseconds(1));
  world.now += milliseconds(1);
  const auto late = world.reassembler.take_late(world.now);
  ASSERT_TRUE(late);
  EXPECT_EQ(late->ingress, 5u);
  EXPECT_EQ(late->pieces, 2u);
  ASSERT_TRUE(late->first);
  EXPECT_TRUE(std::ranges::equal(late->first->bytes(), first));
  EXPECT_FALSE(world.reassembler.take_late(world.now));

  world.now += seconds(15);
  const auto second = world.reassembler.take_late(world.now);
  ASSERT_TRUE(second);
  EXPECT_FALSE(second->first) << "its first piece never came";
  EXPECT_EQ(world.reassembler.next_deadline(), kNever);
  EXPECT_EQ(world.reassembler.waiting_pieces(), 0u);
}

TEST_P(Reassembly, BadPiecesAreCountedAlone) {
  ASSERT_FALSE(world.add(piece(0, 801, true)));
  EXPECT_EQ(world.dropped(DropReason::bad_fragment), 1u);
  EXPECT_EQ(world.reassembler.waiting_packets(), 0u);
}

TEST_P(Reassembly, MarksOfRoutersAreJoined) {
  const auto marked = [&](int id, int first, int second) {
    PacketBuilder packet(GetParam().from, GetParam().to);
    packet.identification(id).raw(protocol(), pattern(8));
    EXPECT_FALSE(world.add(packet.traffic_class(first).fragment(0, true).build()));
    auto done = world.add(packet.traffic_class(second).fragment(8, false).build());
    return done ? IpView::parse(done->packet.bytes()).value().traffic_class() : -1;
  };
  EXPECT_EQ(marked(1, 0xb9, 0xb9), 0xb9);
  EXPECT_EQ(marked(2, 0xb9, 0xbb), 0xbb) << "marked on the way";
  EXPECT_EQ(marked(3, 0xbb, 0xb9), 0xbb);
  EXPECT_EQ(marked(4, 0xba, 0xb9), 0xba) << "both unmarked: the first one's";
  EXPECT_EQ(marked(5, 0xb8, 0xbb), -1) << "nobody may mark what cannot be marked";
  EXPECT_EQ(world.dropped(DropReason::bad_fragment), 2u);
}

TEST_P(Reassembly, WithoutABufferAWholePacketIsDropped) {
  World small;
  small.pool.~PacketPool();
  new (&small.pool) PacketPool({.max_packet_size = 1920, .max_packets = 64});
  ASSERT_FALSE(small.add(piece(0, 1600, true)));
  ASSERT_FALSE(small.add(piece(1600, 3000, false)));
  EXPECT_EQ(small.dropped(DropReason::no_buffer), 2u);
}

// Bounds.

TEST_P(Reassembly, APacketOfTooManyPiecesIsGivenUp) {
  World small({.pieces_of_packet = 4});
  for (std::size_t i = 0; i < 4; ++i) ASSERT_FALSE(small.add(piece(8 * i, 8 * i + 8, true)));
  ASSERT_FALSE(small.add(piece(32, 40, true)));
  EXPECT_EQ(small.dropped(DropReason::reassembly_full), 5u);
  EXPECT_EQ(small.reassembler.waiting_packets(), 0u);
}

TEST_P(Reassembly, WhoSendsHalvesLosesHisOwnOldest) {
  World small({.packets = 100, .pieces = 400, .packets_of_source = 3, .pieces_of_source = 5});
  const char* victim = is_v4() ? "100.96.0.9" : "fd00:64::9";
  const auto of_victim = [&](int offset, bool more) {
    return PacketBuilder(victim, GetParam().to)
        .identification(1)
        .raw(protocol(), pattern(8))
        .fragment(offset, more)
        .build();
  };
  ASSERT_FALSE(small.add(of_victim(0, true)));
  for (int id = 10; id < 1000; ++id) ASSERT_FALSE(small.add(piece(8, 16, true, id)));
  EXPECT_EQ(small.reassembler.waiting_packets(), 4u);
  // His newest one can still be finished, and so can the other's.
  ASSERT_FALSE(small.add(piece(0, 8, true, 999)));
  ASSERT_FALSE(small.add(piece(16, 24, true, 999)));
  EXPECT_TRUE(small.add(piece(24, 32, false, 999)));
  EXPECT_TRUE(small.add(of_victim(8, false)));
}

TEST_P(Reassembly, WhoSendsManyPiecesLosesHisOwnOldest) {
  World small({.pieces_of_source = 5});
  for (std::size_t i = 0; i < 4; ++i) ASSERT_FALSE(small.add(piece(8 * i, 8 * i + 8, true, 1)));
  for (std::size_t i = 0; i < 4; ++i) ASSERT_FALSE(small.add(piece(8 * i, 8 * i + 8, true, 2)));
  EXPECT_EQ(small.dropped(DropReason::reassembly_full), 4u);
  EXPECT_EQ(small.reassembler.waiting_packets(), 1u);
  EXPECT_TRUE(small.add(piece(32, 40, false, 2)));
}

TEST_P(Reassembly, ManySourcesTogetherKeepToTheBounds) {
  World small({.packets = 50, .pieces = 60});
  for (int n = 1; n < 5000; ++n) {
    const auto source = is_v4() ? "10.1." + std::to_string(n / 200) + "." + std::to_string(n % 200)
                                : "fd00:1::" + std::to_string(n);
    for (const int offset : {0, 8}) {
      ASSERT_FALSE(small.add(PacketBuilder(source, GetParam().to)
                                 .identification(n)
                                 .raw(protocol(), pattern(8))
                                 .fragment(offset, true)
                                 .build()));
    }
    ASSERT_LE(small.reassembler.waiting_packets(), 50u);
    ASSERT_LE(small.reassembler.waiting_pieces(), 60u);
  }
}

// Packets of several sources cut anywhere, their pieces mixed; of some a piece is lost, comes
// twice, or is forged.
TEST(ReassemblyProperty, WhatComesOutWasSent) {
  enum class Fate : std::uint8_t { whole, lost, repeated, forged, kCount };
  struct Sent {
    ByteVector packet;
    Fate fate;
    int came_out = 0;
  };
  struct Flying {
    ByteVector piece;
    std::size_t of;
  };
  EXPECT_TRUE(rc::check("whole packets are those that were cut", [] {
    std::mt19937 dice(*rc::gen::arbitrary<std::uint32_t>());
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(dice()) % n; };
    World world;
    std::vector<Sent> sent;
    std::vector<Flying> flying;
    for (std::size_t n = 0, count = 1 + below(12); n < count; ++n) {
      const bool v4 = below(2) == 0;
      PacketBuilder packet((v4 ? "100.96.0." : "fd00:64::") + std::to_string(1 + below(2)),
                           v4 ? "172.16.10.120" : "fd00:10::120");
      packet.identification(static_cast<int>(n)).echo_request(1, 2, pattern(1000 + below(3000)));
      if (!v4) packet.fragment(0, false);
      const auto fate = static_cast<Fate>(below(static_cast<std::size_t>(Fate::kCount)));
      sent.push_back({packet.build(), fate});
      const auto view = IpView::parse(sent.back().packet);
      Fragmenter fragmenter(*view, 100 + below(900));
      std::vector<ByteVector> pieces;
      while (!fragmenter.is_done()) {
        const auto piece = *fragmenter.next(world.pool);
        pieces.emplace_back(piece.data(), piece.data() + piece.size());
      }
      const std::size_t special = below(pieces.size());
      if (fate == Fate::lost) pieces.erase(pieces.begin() + static_cast<std::ptrdiff_t>(special));
      if (fate == Fate::repeated || fate == Fate::forged) pieces.push_back(pieces[special]);
      if (fate == Fate::forged) pieces.back().back() ^= 1;
      for (auto& piece : pieces) flying.push_back({std::move(piece), n});
    }
    std::shuffle(flying.begin(), flying.end(), dice);
    for (const auto& [piece, n] : flying) {
      const auto whole = world.add(piece);
      if (!whole) continue;
      ++sent[n].came_out;
      const Bytes bytes = whole->packet.bytes();
      if (std::ranges::equal(bytes, sent[n].packet)) continue;
      // A forged piece came first: the packet's own checksum shows it.
      RC_ASSERT(sent[n].fate == Fate::forged);
      RC_ASSERT(!IcmpView::parse(*IpView::parse(bytes)));
    }
    for (const Sent& packet : sent) {
      if (packet.fate == Fate::lost) RC_ASSERT(packet.came_out == 0);
      if (packet.fate == Fate::forged) RC_ASSERT(packet.came_out <= 1);
      if (packet.fate == Fate::whole || packet.fate == Fate::repeated) {
        RC_ASSERT(packet.came_out == 1);
      }
    }
  }));
}

}  // namespace
}  // namespace oneping
