#include "forward/route_table.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "forward/testing/prefix_generators.h"

namespace oneping {
namespace {

Prefix prefix(const char* text) { return Prefix::parse(text).value(); }
IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

TEST(RouteTable, TheLongestPrefixWinsInEitherFamily) {
  const RouteTable table({{prefix("0.0.0.0/0"), 1},
                          {prefix("10.0.0.0/8"), 2},
                          {prefix("10.20.0.0/16"), 3},
                          {prefix("10.20.30.40/32"), 4},
                          {prefix("::/0"), 5},
                          {prefix("fd00::/8"), 6},
                          {prefix("fd00::1/128"), 7}});
  EXPECT_EQ(table.size(), 7u);
  EXPECT_EQ(table.lookup(address("192.0.2.1")), 1u);
  EXPECT_EQ(table.lookup(address("10.255.255.255")), 2u);
  EXPECT_EQ(table.lookup(address("10.20.0.0")), 3u);
  EXPECT_EQ(table.lookup(address("10.20.30.40")), 4u);
  EXPECT_EQ(table.lookup(address("10.20.30.41")), 3u);
  EXPECT_EQ(table.lookup(address("2001:db8::1")), 5u);
  EXPECT_EQ(table.lookup(address("fd00::2")), 6u);
  EXPECT_EQ(table.lookup(address("fd00::1")), 7u);
}

TEST(RouteTable, NoRouteIsNothing) {
  EXPECT_FALSE(RouteTable().lookup(address("10.0.0.1")));
  const RouteTable v4_only({{prefix("0.0.0.0/0"), 1}});
  EXPECT_FALSE(v4_only.lookup(address("::1")));
}

TEST(RouteTable, TheLaterOfEqualPrefixesCounts) {
  const RouteTable table({{prefix("10.0.0.0/8"), 1}, {prefix("10.0.0.0/8"), 2}});
  EXPECT_EQ(table.size(), 1u);
  EXPECT_EQ(table.lookup(address("10.1.1.1")), 2u);
}

RC_GTEST_PROP(RouteTable, AgreesWithALinearSearch, ()) {
  const auto prefixes = test::any_prefixes(60);
  std::vector<Route> routes;
  for (const Prefix& to : prefixes) routes.push_back({to, static_cast<RouteTarget>(routes.size())});
  const RouteTable table(routes);
  for (const IpAddress& destination : test::telling_addresses(prefixes)) {
    const Route* best = nullptr;
    for (const Route& route : routes) {
      if (!route.prefix.contains(destination)) continue;
      if (best == nullptr || route.prefix.length() >= best->prefix.length()) best = &route;
    }
    const auto found = table.lookup(destination);
    RC_ASSERT(found.has_value() == (best != nullptr));
    if (best != nullptr) RC_ASSERT(*found == best->target);
  }
}

}  // namespace
}  // namespace oneping
