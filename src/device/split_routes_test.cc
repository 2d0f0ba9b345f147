#include "device/split_routes.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include "forward/testing/prefix_generators.h"

namespace oneping::device {
namespace {

using masque::IpRange;

std::vector<Prefix> prefixes(std::initializer_list<const char*> texts) {
  std::vector<Prefix> all;
  for (const char* text : texts) all.push_back(*Prefix::parse(text));
  return all;
}
std::vector<IpAddress> addresses(std::initializer_list<const char*> texts) {
  std::vector<IpAddress> all;
  for (const char* text : texts) all.push_back(*IpAddress::parse(text));
  return all;
}
bool is_in(const std::vector<Prefix>& prefixes, const IpAddress& address) {
  return std::ranges::any_of(prefixes, [&](const Prefix& p) { return p.contains(address); });
}

TEST(SplitRoutes, Cases) {
  struct Case {
    const char* name;
    std::vector<Prefix> advertised;
    std::vector<IpAddress> edge;
    std::vector<Prefix> installed;
  };
  const Case cases[] = {
      {"nothing", {}, addresses({"192.0.2.1"}), {}},
      {"as advertised", prefixes({"172.16.10.0/24", "10.20.0.0/16", "fd10::/64"}),
       addresses({"192.0.2.1", "2001:db8::1"}),
       prefixes({"10.20.0.0/16", "172.16.10.0/24", "fd10::/64"})},
      {"the edge is cut out", prefixes({"192.0.2.0/29"}), addresses({"192.0.2.1"}),
       prefixes({"192.0.2.0/32", "192.0.2.2/31", "192.0.2.4/30"})},
      {"of IPv6 too", prefixes({"fd00::/126"}), addresses({"fd00::3"}),
       prefixes({"fd00::/127", "fd00::2/128"})},
      {"each address of it", prefixes({"192.0.2.0/30"}), addresses({"192.0.2.0", "192.0.2.3"}),
       prefixes({"192.0.2.1/32", "192.0.2.2/32"})},
      {"the edge alone", prefixes({"192.0.2.1/32"}), addresses({"192.0.2.1"}), {}},
      {"loopback, links and groups",
       prefixes({"127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "255.255.255.255/32", "::1/128",
                 "fe80::/10", "ff00::/8"}),
       {},
       {}},
      {"what contains them",
       prefixes({"126.0.0.0/7", "fc00::/6"}),
       {},
       prefixes({"126.0.0.0/8", "fc00::/7", "fe00::/9", "fec0::/10"})},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const auto ranges = masque::ranges_of(each.advertised);
    EXPECT_EQ(split_routes(ranges, each.edge), (SplitRoutes{each.installed, 0}));
  }
}

TEST(SplitRoutes, EverythingIsSplitAroundTheEdge) {
  const auto ranges = masque::ranges_of(prefixes({"0.0.0.0/0", "::/0"}));
  const auto routes = split_routes(ranges, addresses({"192.0.2.1", "2001:db8::1"})).prefixes;
  for (const char* reached : {"8.8.8.8", "192.0.2.0", "192.0.2.2", "223.255.255.255",
                              "2001:db8::", "2001:db8::2", "fd00::1"}) {
    EXPECT_TRUE(is_in(routes, *IpAddress::parse(reached))) << reached;
  }
  for (const char* left : {"192.0.2.1", "127.0.0.1", "169.254.1.1", "224.0.0.1", "2001:db8::1",
                           "::1", "fe80::1", "ff02::1"}) {
    EXPECT_FALSE(is_in(routes, *IpAddress::parse(left))) << left;
  }
  EXPECT_TRUE(std::ranges::none_of(routes, [](const Prefix& p) { return p.length() == 0; }))
      << "the host's default route stays what it is";
}

TEST(SplitRoutes, AreBounded) {
  const auto ranges = masque::ranges_of(prefixes({"10.0.0.0/32", "10.0.0.2/31", "10.0.0.8/32"}));
  const auto all = split_routes(ranges, {});
  EXPECT_EQ(all.prefixes.size(), 3u);
  EXPECT_EQ(split_routes(ranges, {}, 2),
            (SplitRoutes{prefixes({"10.0.0.0/32", "10.0.0.2/31"}), 1}));
  // Each of these is 253 prefixes.
  std::vector<IpRange> wide(10'000, {*IpAddress::parse("fc00::1"),
                                     *IpAddress::parse("fdff:ffff:ffff:ffff:ffff:ffff:ffff:fffe")});
  EXPECT_LE(split_routes(wide, {}).prefixes.size(), kMaxRoutes);
}

TEST(SplitRoutes, OverlappingRangesAreInstalledOnce) {
  const std::vector<IpRange> ranges{{*IpAddress::parse("10.0.0.0"), *IpAddress::parse("10.0.0.7")},
                                    {*IpAddress::parse("10.0.0.2"), *IpAddress::parse("10.0.0.3")},
                                    {*IpAddress::parse("10.0.0.0"), *IpAddress::parse("10.0.0.7")}};
  EXPECT_EQ(split_routes(ranges, {}).prefixes, prefixes({"10.0.0.0/29"}));
}

// What is installed is what is advertised, but for the edge and what never leaves a host or link;
// no address twice.
TEST(SplitRoutes, LeaveOutTheEdgeAndNothingElse) {
  rc::check([] {
    const std::vector<Prefix> advertised = test::any_prefixes(12);
    std::vector<IpAddress> edge(static_cast<std::size_t>(*rc::gen::inRange(0, 4)));
    for (IpAddress& address : edge) {
      // Most often where it matters: within what is advertised.
      address = advertised.empty() || *rc::gen::arbitrary<bool>()
                    ? test::any_address()
                    : (*rc::gen::elementOf(advertised)).address();
    }
    const auto ranges = masque::ranges_of(advertised);
    const auto routes = split_routes(ranges, edge).prefixes;
    const auto fewest = masque::prefixes_of(ranges);

    std::vector<IpAddress> samples = test::telling_addresses(advertised);
    for (const auto& more : {test::telling_addresses(routes), edge}) {
      samples.insert(samples.end(), more.begin(), more.end());
    }
    for (const IpAddress& address : edge) {
      samples.push_back(test::neighbour_of(address, 1));
      samples.push_back(test::neighbour_of(address, -1));
    }
    for (const IpAddress& address : samples) {
      const bool wanted = is_in(fewest, address) && address.is_single_host() &&
                          !address.is_link_local() && std::ranges::count(edge, address) == 0;
      const auto covering = std::ranges::count_if(
          routes, [&](const Prefix& prefix) { return prefix.contains(address); });
      RC_ASSERT(covering == (wanted ? 1 : 0));
    }
  });
}

}  // namespace
}  // namespace oneping::device
