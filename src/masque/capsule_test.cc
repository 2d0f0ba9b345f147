#include "masque/capsule.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <numeric>

#include "masque/varint.h"

namespace oneping::masque {
namespace {

using Octets = std::vector<std::uint8_t>;
using Found = std::vector<std::pair<CapsuleType, Octets>>;

// Everything that a reader finds in `stream` when it comes in pieces of `piece` bytes.
Result<Found> read_all(CapsuleReader& reader, Bytes stream, std::size_t piece) {
  Found found;
  while (!stream.empty()) {
    Bytes part = stream.first(std::min(piece, stream.size()));
    stream = stream.subspan(part.size());
    for (;;) {
      auto next = reader.next(part);
      if (!next) return tl::unexpected(next.error());
      if (!*next) break;
      found.emplace_back((*next)->type, Octets((*next)->value.begin(), (*next)->value.end()));
    }
    EXPECT_TRUE(part.empty());
  }
  return found;
}

TEST(CapsuleReader, ReadsKnownOnesAndPassesOverOthers) {
  const Octets stream = {
      0x01, 0x03, 1,    2, 3,  // ADDRESS_ASSIGN
      0x40, 0x99, 0x02, 9, 9,  // type 0x99, unknown
      0x03, 0x00,              // ROUTE_ADVERTISEMENT, empty
      0x00, 0x40, 0x01, 7,     // DATAGRAM, its length in two bytes
      0x17, 0x00,              // unknown and empty
  };
  const Found expected = {{CapsuleType::address_assign, {1, 2, 3}},
                          {CapsuleType::route_advertisement, {}},
                          {CapsuleType::datagram, {7}}};
  for (std::size_t piece = 1; piece <= stream.size(); ++piece) {
    SCOPED_TRACE(piece);
    CapsuleReader reader;
    const auto found = read_all(reader, stream, piece);
    ASSERT_TRUE(found);
    EXPECT_EQ(*found, expected);
    EXPECT_TRUE(reader.at_boundary());
  }
}

TEST(CapsuleReader, KnowsWhetherTheStreamMayEnd) {
  const Octets stream = {0x02, 0x02, 1, 2, 0x40, 0x99, 0x02, 9, 9};
  CapsuleReader reader;
  EXPECT_TRUE(reader.at_boundary());
  for (std::size_t i = 0; i < stream.size(); ++i) {
    ASSERT_TRUE(read_all(reader, Bytes(stream).subspan(i, 1), 1));
    EXPECT_EQ(reader.at_boundary(), i == 3 || i == 8) << i;
  }
}

TEST(CapsuleReader, HugeUnknownOnesAreNotKept) {
  Octets stream;
  append_varint(stream, 0x1234);
  append_varint(stream, kMaxVarint);
  CapsuleReader reader;
  ASSERT_TRUE(read_all(reader, stream, 3));
  const Octets some(100'000, 1);
  for (int i = 0; i < 20; ++i) ASSERT_EQ(read_all(reader, some, some.size())->size(), 0u);
  EXPECT_FALSE(reader.at_boundary());
}

TEST(CapsuleReader, KnownOnesBeyondTheBoundBreakTheStream) {
  for (const bool over : {false, true}) {
    Octets stream = {0x01};
    append_varint(stream, over ? 101 : 100);
    stream.resize(stream.size() + 100);
    CapsuleReader reader({.max_value = 100, .max_datagram = 10});
    const auto found = read_all(reader, stream, 30);
    ASSERT_EQ(found.has_value(), !over);
    if (over) {
      EXPECT_EQ(found.error().message,
                "a capsule of type 1 with 101 bytes: more than 100 are not taken");
    } else {
      EXPECT_EQ(found->size(), 1u);
    }
  }
}

TEST(CapsuleReader, DatagramsBeyondTheBoundArePassedOver) {
  Octets stream = {0x00, 11};
  stream.resize(stream.size() + 11);
  stream.insert(stream.end(), {0x00, 1, 5});
  CapsuleReader reader({.max_value = 100, .max_datagram = 10});
  const auto found = read_all(reader, stream, 4);
  ASSERT_TRUE(found);
  EXPECT_EQ(*found, (Found{{CapsuleType::datagram, {5}}}));
  EXPECT_EQ(reader.take_passed_over(), 1u);
  EXPECT_EQ(reader.take_passed_over(), 0u);
}

TEST(CapsuleReader, RoundTripInAnyPieces) {
  EXPECT_TRUE(rc::check([] {
    const auto values = *rc::gen::container<std::vector<Octets>>(rc::gen::arbitrary<Octets>());
    Octets stream;
    Found expected;
    for (const Octets& value : values) {
      const auto type = static_cast<CapsuleType>(*rc::gen::inRange(0, 6));
      append_capsule(stream, type, value);
      if (type <= CapsuleType::route_advertisement) expected.emplace_back(type, value);
    }
    CapsuleReader reader;
    const auto found = read_all(reader, stream, *rc::gen::inRange<std::size_t>(1, 50));
    RC_ASSERT(found.has_value());
    RC_ASSERT(*found == expected);
    RC_ASSERT(reader.at_boundary());
  }));
}

}  // namespace
}  // namespace oneping::masque
