#include "device/interface_plan.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "device/split_routes.h"
#include "forward/testing/prefix_generators.h"

namespace oneping::device {
namespace {

IpAddress ip(const char* text) { return *IpAddress::parse(text); }
Prefix prefix(const char* text) { return *Prefix::parse(text); }

// Whatever split_routes() makes of an advertisement comes through whole.
TEST(InterfacePlan, ComesThroughWhole) {
  rc::check([] {
    InterfacePlan plan;
    plan.mtu = *rc::gen::inRange<std::size_t>(1280, 65536);
    for (int i = *rc::gen::inRange(0, 5); i > 0; --i) {
      const IpAddress address = test::any_address();
      if (address.is_single_host() && !address.is_link_local()) plan.addresses.push_back(address);
    }
    plan.routes =
        split_routes(masque::ranges_of(test::any_prefixes(12)), {plan.addresses}).prefixes;
    const auto bytes = encode(plan);
    RC_ASSERT(bytes.size() <= max_encoded_plan());
    const auto again = decode_plan(bytes);
    RC_ASSERT(again.has_value());
    RC_ASSERT(*again == plan);
    for (std::size_t size = 0; size < bytes.size(); ++size) {
      RC_ASSERT(!decode_plan(Bytes(bytes).first(size)));
    }
  });
}

TEST(InterfacePlan, WhatTakesTheHostsOwnIsRefused) {
  struct Case {
    InterfacePlan plan;
    const char* error;
  };
  const Case cases[] = {
      {{1279, {}, {}}, "an MTU of 1279"},
      {{65536, {}, {}}, "an MTU of 65536"},
      {{1280, {ip("127.0.0.1")}, {}}, "the address 127.0.0.1"},
      {{1280, {ip("169.254.1.1")}, {}}, "the address 169.254.1.1"},
      {{1280, {ip("fe80::1")}, {}}, "the address fe80::1"},
      {{1280, {ip("ff02::1")}, {}}, "the address ff02::1"},
      {{1280, {ip("0.0.0.0")}, {}}, "the address 0.0.0.0"},
      {{1280, {}, {prefix("127.0.0.0/8")}}, "a route to 127.0.0.0/8"},
      {{1280, {}, {prefix("127.0.0.1/32")}}, "a route to 127.0.0.1/32"},
      {{1280, {}, {prefix("0.0.0.0/0")}}, "a route to 0.0.0.0/0"},
      {{1280, {}, {prefix("::/0")}}, "a route to ::/0"},
      {{1280, {}, {prefix("fe80::/64")}}, "a route to fe80::/64"},
      {{1280, {}, {prefix("224.0.0.0/4")}}, "a route to 224.0.0.0/4"},
  };
  for (const Case& each : cases) {
    const auto decoded = decode_plan(encode(each.plan));
    ASSERT_FALSE(decoded) << each.error;
    EXPECT_EQ(decoded.error().message, each.error);
  }
  auto bytes = encode({1280, {}, {prefix("10.0.0.0/8")}});
  bytes.back() = 1;  // 10.0.0.1/8
  EXPECT_FALSE(decode_plan(bytes));
  bytes = encode({1280, {}, {prefix("10.0.0.0/8")}});
  bytes[12] = 33;
  EXPECT_FALSE(decode_plan(bytes));
  bytes = encode({});
  bytes.push_back(0);
  EXPECT_FALSE(decode_plan(bytes));
}

}  // namespace
}  // namespace oneping::device
