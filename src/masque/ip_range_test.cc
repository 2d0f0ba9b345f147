#include "masque/ip_range.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>

namespace oneping::masque {
namespace {

std::vector<Prefix> prefixes(std::initializer_list<const char*> texts) {
  std::vector<Prefix> all;
  for (const char* text : texts) all.push_back(*Prefix::parse(text));
  return all;
}
IpRange range(const char* first, const char* last, std::uint8_t protocol = 0) {
  return {*IpAddress::parse(first), *IpAddress::parse(last), protocol};
}
using Ranges = std::vector<IpRange>;

TEST(RangesOf, Cases) {
  struct Case {
    const char* name;
    std::vector<Prefix> prefixes;
    Ranges ranges;
  };
  const Case cases[] = {
      {"none", {}, {}},
      {"everything",
       prefixes({"::/0", "0.0.0.0/0"}),
       {range("0.0.0.0", "255.255.255.255"),
        range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}},
      {"sorted",
       prefixes({"192.0.2.0/24", "10.0.0.0/8"}),
       {range("10.0.0.0", "10.255.255.255"), range("192.0.2.0", "192.0.2.255")}},
      {"nested",
       prefixes({"10.1.0.0/16", "10.0.0.0/8", "10.0.0.0/8"}),
       {range("10.0.0.0", "10.255.255.255")}},
      {"adjacent",
       prefixes({"10.0.0.0/9", "10.128.0.0/9", "11.0.0.0/32"}),
       {range("10.0.0.0", "11.0.0.0")}},
      {"families never join",
       prefixes({"255.255.255.255/32", "::/128", "fd00::/128"}),
       {range("255.255.255.255", "255.255.255.255"), range("::", "::"), range("fd00::", "fd00::")}},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(ranges_of(each.prefixes), each.ranges);
  }
}

TEST(PrefixesOf, Cases) {
  EXPECT_EQ(prefixes_of(Ranges{range("0.0.0.0", "255.255.255.255")}), prefixes({"0.0.0.0/0"}));
  EXPECT_EQ(prefixes_of(Ranges{range("::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")}),
            prefixes({"::/0"}));
  EXPECT_EQ(prefixes_of(Ranges{range("10.0.0.1", "10.0.0.6")}),
            prefixes({"10.0.0.1/32", "10.0.0.2/31", "10.0.0.4/31", "10.0.0.6/32"}));
  EXPECT_EQ(prefixes_of(Ranges{range("255.255.255.254", "255.255.255.255")}),
            prefixes({"255.255.255.254/31"}));
  EXPECT_TRUE(prefixes_of(Ranges{range("10.0.0.0", "10.0.0.255", 17)}).empty());
}

// What a hostile edge may advertise: the way around the IPv4-mapped addresses stays IPv6.
TEST(PrefixesOf, NoIpv4OutOfIpv6) {
  const auto all = prefixes_of(Ranges{range("::fffe:ffff:ffff", "::1:0:0:0")});
  for (const Prefix& prefix : all) {
    EXPECT_EQ(prefix.family(), IpFamily::v6) << prefix.to_string();
    EXPECT_LE(prefix.length(), 128);
  }
}

TEST(Ranges, RoundTripToTheFewestPrefixes) {
  EXPECT_TRUE(rc::check([] {
    const auto some = *rc::gen::container<std::vector<std::pair<std::uint16_t, int>>>(
        rc::gen::pair(rc::gen::arbitrary<std::uint16_t>(), rc::gen::inRange(20, 33)));
    std::vector<Prefix> given;
    for (const auto& [low, length] : some) {
      given.emplace_back(IpAddress::v4(0x0a000000u | low), length);
    }
    const auto ranges = ranges_of(given);
    const auto covered = prefixes_of(ranges);
    RC_ASSERT(ranges_of(covered) == ranges);
    const auto is_in = [](const std::vector<Prefix>& in, const IpAddress& address) {
      return std::ranges::any_of(in, [&](const Prefix& p) { return p.contains(address); });
    };
    for (int i = 0; i < 200; ++i) {
      const auto address = IpAddress::v4(0x0a000000u | *rc::gen::arbitrary<std::uint16_t>());
      RC_ASSERT(is_in(given, address) == is_in(covered, address));
    }
  }));
}

}  // namespace
}  // namespace oneping::masque
