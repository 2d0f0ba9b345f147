#include "masque/ip_capsules.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "masque/capsule.h"

namespace oneping::masque {
namespace {

using Octets = std::vector<std::uint8_t>;

Prefix prefix(const char* text) { return *Prefix::parse(text); }
IpAddress ip(const char* text) { return *IpAddress::parse(text); }

// The value of the one capsule in `stream`.
Octets value_of(const Octets& stream, CapsuleType type) {
  CapsuleReader reader;
  Bytes bytes(stream);
  const auto capsule = reader.next(bytes);
  EXPECT_TRUE(capsule && *capsule);
  EXPECT_TRUE(bytes.empty());
  EXPECT_EQ((*capsule)->type, type);
  return {(*capsule)->value.begin(), (*capsule)->value.end()};
}

TEST(AddressAssign, Bytes) {
  const std::vector<AddressEntry> entries = {{1, prefix("100.96.0.7/32")},
                                             {0, prefix("fd00:1:2::/48")}};
  const Octets expected = {
      0x01, 0x1a,                        // ADDRESS_ASSIGN, 26 bytes
      0x01,                              // request 1
      0x04, 100,  96,   0,    7,    32,  // 100.96.0.7/32
      0x00,                              // no request
      0x06, 0xfd, 0x00, 0x00, 0x01, 0x00, 0x02, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 48,
  };
  Octets stream;
  append_address_assign(stream, entries);
  EXPECT_EQ(stream, expected);
  const auto parsed = parse_address_assign(Bytes(expected).subspan(2));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, entries);
}

TEST(AddressAssign, EmptyTakesEverythingBack) {
  const auto parsed = parse_address_assign({});
  ASSERT_TRUE(parsed);
  EXPECT_TRUE(parsed->empty());
}

TEST(AddressAssign, NoAddress) {
  for (const IpFamily family : {IpFamily::v4, IpFamily::v6}) {
    EXPECT_TRUE(is_no_address(no_address(3, family)));
    EXPECT_EQ(no_address(3, family).prefix.family(), family);
  }
  EXPECT_FALSE(is_no_address({1, prefix("0.0.0.0/0")})) << "that is every address";
  EXPECT_FALSE(is_no_address({1, prefix("100.96.0.7")}));
}

TEST(Addresses, RulesOfTheRfc) {  // RFC 9484, 4.7.1 and 4.7.2
  struct Case {
    const char* name;
    Octets value;
    const char* error;
  };
  const Case cases[] = {
      {"version 5", {1, 5, 1, 2, 3, 4, 32}, "IP version 5 is neither 4 nor 6"},
      {"33 bits", {1, 4, 1, 2, 3, 4, 33}, "a prefix length of 33 bits"},
      {"129 bits",
       {1, 6, 0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 129},
       "a prefix length of 129 bits"},
      {"host bits", {1, 4, 10, 0, 0, 1, 8}, "10.0.0.1/8 has host bits set"},
      {"mapped",
       {1, 6, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 1, 2, 3, 4, 128},
       "an IPv4-mapped address under IP version 6"},
      {"no version", {1}, "it ends within an entry"},
      {"cut id", {0x40}, "it ends within an entry"},
      {"cut address", {1, 4, 1, 2, 3}, "it ends within an entry"},
      {"no length", {1, 4, 1, 2, 3, 4}, "it ends within an entry"},
      {"cut second", {1, 4, 1, 2, 3, 4, 32, 2, 4}, "it ends within an entry"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const auto assign = parse_address_assign(each.value);
    ASSERT_FALSE(assign);
    EXPECT_EQ(assign.error().message, std::string("ADDRESS_ASSIGN: ") + each.error);
    const auto request = parse_address_request(each.value);
    ASSERT_FALSE(request);
    EXPECT_EQ(request.error().message, std::string("ADDRESS_REQUEST: ") + each.error);
  }
}

TEST(AddressRequest, RulesOfTheRfc) {  // RFC 9484, 4.7.2
  EXPECT_FALSE(parse_address_request({})) << "at least one";
  const Octets zero_id = {0, 4, 0, 0, 0, 0, 32};
  EXPECT_FALSE(parse_address_request(zero_id));
  EXPECT_TRUE(parse_address_assign(zero_id)) << "there it is the rule";
  const Octets second_zero = {1, 4, 0, 0, 0, 0, 32, 0, 4, 0, 0, 0, 0, 32};
  EXPECT_FALSE(parse_address_request(second_zero));
}

TEST(RouteAdvertisement, Bytes) {
  const std::vector<IpRange> ranges = {{ip("10.0.0.0"), ip("10.255.255.255"), 0},
                                       {ip("172.16.10.1"), ip("172.16.10.1"), 0},
                                       {ip("192.0.2.0"), ip("192.0.2.255"), 17},
                                       {ip("fd00::"), ip("fd00::ffff"), 0}};
  const Octets expected = {
      0x03, 0x40, 0x40,                         // ROUTE_ADVERTISEMENT, 64 bytes
      0x04, 10, 0, 0, 0, 10, 255, 255, 255, 0,  // 10.0.0.0 to 10.255.255.255, all
                                                // protocols
      0x04, 172, 16, 10, 1, 172, 16, 10, 1, 0,  //
      0x04, 192, 0, 2, 0, 192, 0, 2, 255, 17,   // UDP alone
      0x06, 0xfd, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,        // fd00::
      0xfd, 0x00, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0x00,  // to fd00::ffff
  };
  Octets stream;
  append_route_advertisement(stream, ranges);
  EXPECT_EQ(stream, expected);
  const auto parsed = parse_route_advertisement(Bytes(expected).subspan(3));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(*parsed, ranges);
  EXPECT_TRUE(parse_route_advertisement({})->empty());
}

Octets route_value(const std::vector<IpRange>& ranges) {
  Octets stream;
  append_route_advertisement(stream, ranges);
  return value_of(stream, CapsuleType::route_advertisement);
}

TEST(RouteAdvertisement, OrderOfTheRfc) {  // RFC 9484, 4.7.3
  struct Case {
    const char* name;
    std::vector<IpRange> ranges;
    bool valid;
  };
  const IpRange low{ip("10.0.0.0"), ip("10.0.0.9"), 0};
  const IpRange next{ip("10.0.0.10"), ip("10.0.0.20"), 0};
  const IpRange overlapping{ip("10.0.0.9"), ip("10.0.0.20"), 0};
  const IpRange udp{ip("1.0.0.0"), ip("1.0.0.9"), 17};
  const IpRange v6{ip("::1"), ip("::2"), 0};
  const Case cases[] = {
      {"ascending", {low, next}, true},
      {"descending", {next, low}, false},
      {"twice", {low, low}, false},
      {"overlap of one", {low, overlapping}, false},
      {"protocols ascend", {low, udp}, true},
      {"protocols descend", {udp, low}, false},
      {"IPv4 first", {udp, v6}, true},
      {"IPv6 first", {v6, low}, false},
      {"backwards", {{ip("10.0.0.9"), ip("10.0.0.8"), 0}}, false},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    EXPECT_EQ(parse_route_advertisement(route_value(each.ranges)).has_value(), each.valid);
  }
}

TEST(RouteAdvertisement, CutAnywhereIsMalformed) {
  const Octets whole =
      route_value({{ip("10.0.0.0"), ip("10.0.0.9"), 0}, {ip("::1"), ip("::2"), 6}});
  for (std::size_t size = 1; size < whole.size(); ++size) {
    EXPECT_EQ(parse_route_advertisement(Bytes(whole).first(size)).has_value(), size == 10) << size;
  }
}

rc::Gen<Prefix> any_prefix() {
  return rc::gen::exec([] {
    if (*rc::gen::arbitrary<bool>()) {
      return Prefix(IpAddress::v4(*rc::gen::arbitrary<std::uint32_t>()), *rc::gen::inRange(0, 33));
    }
    Octets bytes = *rc::gen::container<Octets>(16, rc::gen::arbitrary<std::uint8_t>());
    bytes[0] = 0xfd;  // not IPv4-mapped
    return Prefix(IpAddress::from_v6(bytes.data()), *rc::gen::inRange(8, 129));
  });
}

TEST(Addresses, RoundTrip) {
  EXPECT_TRUE(rc::check([] {
    std::vector<AddressEntry> entries;
    const int count = *rc::gen::inRange(1, 10);
    for (int i = 0; i < count; ++i) {
      entries.push_back({(*rc::gen::arbitrary<std::uint64_t>() >> 2) | 1, *any_prefix()});
    }
    Octets assign;
    append_address_assign(assign, entries);
    RC_ASSERT(*parse_address_assign(value_of(assign, CapsuleType::address_assign)) == entries);
    Octets request;
    append_address_request(request, entries);
    RC_ASSERT(*parse_address_request(value_of(request, CapsuleType::address_request)) == entries);
  }));
}

TEST(RouteAdvertisement, WhateverPrefixesThereAreRoundTrips) {
  EXPECT_TRUE(rc::check([] {
    const auto prefixes = *rc::gen::container<std::vector<Prefix>>(any_prefix());
    const auto ranges = ranges_of(prefixes);
    const auto parsed = parse_route_advertisement(route_value(ranges));
    RC_ASSERT(parsed.has_value());
    RC_ASSERT(*parsed == ranges);
  }));
}

}  // namespace
}  // namespace oneping::masque
