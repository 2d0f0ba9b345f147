#include "wire/icmp_extensions.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "test/support/packet_builder.h"

namespace oneping {
namespace {

using test::ByteVector;
using test::pattern;
using test::slow_checksum;

// As a router sends it: one MPLS label stack object (RFC 4950).
const ByteVector kMpls = {0x20, 0x00, 0x5d, 0xb7,   // version 2, checksum
                          0x00, 0x08, 0x01, 0x01,   // length 8, class MPLS, incoming stack
                          0x00, 0x3e, 0x81, 0x01};  // label 1000, EXP 0, bottom, TTL 1

ByteVector with_checksum(ByteVector bytes) {
  bytes[2] = bytes[3] = 0;
  const int sum = slow_checksum(bytes);
  bytes[2] = static_cast<std::uint8_t>(sum >> 8);
  bytes[3] = static_cast<std::uint8_t>(sum);
  return bytes;
}

ByteVector changed(std::size_t at, std::uint8_t value) {
  ByteVector bytes = kMpls;
  bytes[at] = value;
  return bytes;
}

ByteVector joined(ByteVector first, const ByteVector& second) {
  first.insert(first.end(), second.begin(), second.end());
  return first;
}

TEST(IcmpExtensions, AreKnownByTheirStructure) {
  ByteVector two = joined(kMpls, {0, 4, 2, 0});  // an object without content behind it
  struct Case {
    const char* name;
    ByteVector bytes;
    bool good;
  };
  const Case cases[] = {
      {"MPLS", kMpls, true},
      {"checksum not given",
       [] {
         auto b = changed(2, 0);
         b[3] = 0;
         return b;
       }(),
       true},
      {"two objects", with_checksum(two), true},
      {"nothing", {}, false},
      {"a header alone", with_checksum({0x20, 0, 0, 0}), false},
      {"version 1", with_checksum(changed(0, 0x10)), false},
      {"wrong checksum", changed(11, 2), false},
      {"object shorter than its header", with_checksum(changed(5, 3)), false},
      {"object of no whole words", with_checksum(changed(5, 6)), false},
      {"object longer than the rest", with_checksum(changed(5, 12)), false},
      {"object of length 0", with_checksum(changed(5, 0)), false},
      {"half an object behind", with_checksum(joined(kMpls, {0, 4})), false},
  };
  for (const Case& c : cases) EXPECT_EQ(are_extensions(c.bytes), c.good) << c.name;
}

TEST(IcmpExtensions, BelongToSomeTypes) {
  for (int type = 0; type < 256; ++type) {
    const auto number = static_cast<std::uint8_t>(type);
    EXPECT_EQ(may_have_extensions(IpFamily::v4, number), type == 3 || type == 11 || type == 12);
    EXPECT_EQ(may_have_extensions(IpFamily::v6, number), type == 1 || type == 3);
  }
}

TEST(SplitQuote, PartsQuoteAndExtensions) {
  struct Case {
    const char* name;
    std::size_t before;  // bytes before the extensions
    ByteVector extensions;
    std::size_t quote_size;  // as said
    std::size_t missing;
    std::size_t quote, found;
  };
  const Case cases[] = {
      {"as said", 128, kMpls, 128, 0, 128, 12},
      {"longer quote", 200, kMpls, 200, 0, 200, 12},
      {"without the IP header", 108, kMpls, 128, 20, 108, 12},
      {"not said, at 128", 128, kMpls, 0, 0, 128, 12},
      {"not said, at 128 without the IPv6 header", 88, kMpls, 0, 40, 88, 12},
      {"not said, elsewhere: all is quote", 136, kMpls, 0, 0, 148, 0},
      {"said, but nothing there", 128, {}, 128, 0, 128, 0},
      {"said, but broken: they go", 128, changed(11, 2), 128, 0, 128, 0},
      {"not said and broken: all is quote", 128, changed(11, 2), 0, 0, 140, 0},
      {"said to be shorter than allowed: they go", 64, kMpls, 64, 0, 64, 0},
      {"said to begin before what there is", 128, kMpls, 16, 20, 140, 0},
      {"said to begin behind the end", 128, kMpls, 1020, 0, 140, 0},
      {"a short quote alone", 28, {}, 0, 0, 28, 0},
  };
  for (const Case& c : cases) {
    const ByteVector bytes = joined(pattern(c.before), c.extensions);
    const auto [quote, extensions] = split_quote(bytes, c.quote_size, c.missing);
    EXPECT_EQ(quote.size(), c.quote) << c.name;
    EXPECT_EQ(extensions.size(), c.found) << c.name;
    EXPECT_EQ(quote.data(), bytes.data()) << c.name;
  }
}

RC_GTEST_PROP(SplitQuote, StaysWithinTheBytes,
              (const std::vector<std::uint8_t>& bytes, std::uint16_t said, std::uint8_t missing)) {
  const auto [quote, extensions] = split_quote(bytes, said % 2000, missing);
  RC_ASSERT(quote.size() + extensions.size() <= bytes.size());
  RC_ASSERT(extensions.empty() || are_extensions(extensions));
}

}  // namespace
}  // namespace oneping
