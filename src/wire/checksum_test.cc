#include "wire/checksum.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

#include "test/support/slow_checksum.h"

namespace oneping {
namespace {

using test::slow_checksum;

// RFC 1071, 3: the sum of these four words is 0xddf2.
TEST(Checksum, OfTheExampleInRfc1071) {
  const std::vector<std::uint8_t> bytes{0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7};
  EXPECT_EQ(checksum(bytes), static_cast<std::uint16_t>(~0xddf2));
}

TEST(Checksum, OfEveryShortLength) {
  const std::vector<std::uint8_t> bytes{0xff, 0xfe, 0x80, 0x01, 0x7f, 0xff, 0xff, 0xff, 0x05};
  for (std::size_t n = 0; n <= bytes.size(); ++n) {
    const Bytes first = Bytes(bytes).first(n);
    EXPECT_EQ(checksum(first), slow_checksum(first)) << n << " bytes";
  }
}

TEST(Checksum, OfNothingAndOfZerosIsAllOnes) {
  EXPECT_EQ(checksum({}), 0xffff);
  EXPECT_EQ(checksum(std::vector<std::uint8_t>(20)), 0xffff);
}

TEST(Checksum, OfAllOnesIsZeroHoweverLong) {
  for (std::size_t n : {2, 4, 20, 1500, 65534}) {
    EXPECT_EQ(checksum(std::vector<std::uint8_t>(n, 0xff)), 0) << n << " bytes";
  }
}

TEST(Checksum, OddLengthCountsAZeroByteBehind) {
  EXPECT_EQ(checksum(std::vector<std::uint8_t>{0x12, 0x34, 0x56}),
            checksum(std::vector<std::uint8_t>{0x12, 0x34, 0x56, 0x00}));
}

RC_GTEST_PROP(Checksum, IsTheSlowOne, (const std::vector<std::uint8_t>& bytes)) {
  RC_ASSERT(checksum(bytes) == slow_checksum(bytes));
}

RC_GTEST_PROP(Checksum, PiecesOfEvenLengthAddUp,
              (const std::vector<std::uint8_t>& a, const std::vector<std::uint8_t>& b)) {
  const Bytes even = Bytes(a).first(a.size() & ~std::size_t{1});
  std::vector<std::uint8_t> whole(even.begin(), even.end());
  whole.insert(whole.end(), b.begin(), b.end());
  RC_ASSERT(checksum_finish(checksum_add(b, checksum_add(even))) == slow_checksum(whole));
}

TEST(ChecksumAdjust, ExampleInRfc1624) {
  // RFC 1624, 4: the two methods before it gave 0xffff or needed care; the right one gives 0x0000.
  EXPECT_EQ(checksum_adjust(0xdd2f, 0x5555, 0x3285), 0x0000);
}

TEST(ChecksumAdjust, NoChangeChangesNothing) {
  for (std::uint32_t word = 0; word <= 0xffff; word += 0xff) {
    const auto w = static_cast<std::uint16_t>(word);
    EXPECT_EQ(checksum_adjust(0x1234, w, w), 0x1234);
  }
}

// One word changes in data that is not all zero, as no IP header is: the repaired checksum is the
// computed one, to the bit. Words at the ends of the range come up often.
RC_GTEST_PROP(ChecksumAdjust, IsRecomputation, ()) {
  const auto word = rc::gen::oneOf(rc::gen::arbitrary<std::uint16_t>(),
                                   rc::gen::element<std::uint16_t>(0, 1, 0xfffe, 0xffff));
  std::uint8_t data[6];
  store_be16(data, 0x4500);
  store_be16(data + 2, *word);
  const std::uint16_t before = *word;
  const std::uint16_t after = *word;
  store_be16(data + 4, before);
  const std::uint16_t old_checksum = slow_checksum(data);
  store_be16(data + 4, after);
  RC_ASSERT(checksum_adjust(old_checksum, before, after) == slow_checksum(data));
}

RC_GTEST_PROP(Icmpv6Checksum, IsTheSlowOne, (const std::vector<std::uint8_t>& message)) {
  const auto source =
      *rc::gen::container<std::vector<std::uint8_t>>(16, rc::gen::inRange<std::uint8_t>(1, 255));
  const auto destination =
      *rc::gen::container<std::vector<std::uint8_t>>(16, rc::gen::inRange<std::uint8_t>(1, 255));
  const auto start = icmpv6_pseudo_header_sum(
      IpAddress::from_v6(source.data()), IpAddress::from_v6(destination.data()), message.size());
  RC_ASSERT(checksum_finish(checksum_add(message, start)) ==
            test::slow_pseudo_checksum(source, destination, 58, message));
}

}  // namespace
}  // namespace oneping
