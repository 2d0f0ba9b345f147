#include "masque/varint.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

namespace oneping::masque {
namespace {

using Octets = std::vector<std::uint8_t>;

TEST(Varint, ExamplesOfTheRfc) {  // RFC 9000, A.1
  struct Case {
    Octets bytes;
    std::uint64_t value;
  };
  const Case cases[] = {
      {{0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c}, 151288809941952652u},
      {{0x9d, 0x7f, 0x3e, 0x7d}, 494878333u},
      {{0x7b, 0xbd}, 15293u},
      {{0x25}, 37u},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.value);
    Bytes bytes(each.bytes);
    EXPECT_EQ(take_varint(bytes), each.value);
    EXPECT_TRUE(bytes.empty());
    Octets written;
    append_varint(written, each.value);
    EXPECT_EQ(written, each.bytes);
  }
  const Octets longer_than_needed = {0x40, 0x25};
  Bytes bytes(longer_than_needed);
  EXPECT_EQ(take_varint(bytes), 37u);
}

TEST(Varint, CutShortIsNothing) {
  const Octets whole = {0xc2, 0x19, 0x7c, 0x5e, 0xff, 0x14, 0xe8, 0x8c};
  for (std::size_t size = 0; size < whole.size(); ++size) {
    Bytes bytes = Bytes(whole).first(size);
    EXPECT_FALSE(take_varint(bytes)) << size;
    EXPECT_EQ(bytes.size(), size) << "left alone";
  }
}

TEST(Varint, RoundTrip) {
  EXPECT_TRUE(rc::check([] {
    const auto value = *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(2, 64);
    Octets bytes;
    append_varint(bytes, value);
    RC_ASSERT(bytes.size() == varint_size(value));
    bytes.push_back(7);
    Bytes rest(bytes);
    RC_ASSERT(take_varint(rest) == value);
    RC_ASSERT(rest.size() == 1u);
  }));
}

}  // namespace
}  // namespace oneping::masque
