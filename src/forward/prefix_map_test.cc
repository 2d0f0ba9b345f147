#include "forward/prefix_map.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "forward/testing/prefix_generators.h"

namespace oneping {
namespace {

using Node = PrefixMap::Node;

Prefix prefix(const char* text) { return Prefix::parse(text).value(); }
IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

// The prefix found, and those around it: "10.1.0.0/16 10.0.0.0/8".
std::string chain_of(const PrefixMap& map, const IpAddress& destination) {
  std::string chain;
  for (Node node = map.find(destination); node != PrefixMap::kNone; node = map.parent(node)) {
    chain += (chain.empty() ? "" : " ") + map.prefix(node).to_string();
  }
  return chain;
}

TEST(PrefixMap, WithoutPrefixesFindsNothing) {
  EXPECT_EQ(PrefixMap().find(address("10.0.0.1")), PrefixMap::kNone);
  EXPECT_EQ(PrefixMap().find(address("fd00::1")), PrefixMap::kNone);
  EXPECT_EQ(PrefixMap(std::vector<Prefix>()).find(address("::")), PrefixMap::kNone);
}

TEST(PrefixMap, EqualPrefixesAreOneNode) {
  const PrefixMap map({prefix("10.0.0.0/8"), prefix("fd00::/8"), prefix("10.0.0.0/8")});
  EXPECT_EQ(map.size(), 2u);
  EXPECT_NE(map.node_of(prefix("10.0.0.0/8")), map.node_of(prefix("fd00::/8")));
  EXPECT_EQ(map.node_of(prefix("10.0.0.0/9")), PrefixMap::kNone);
  EXPECT_EQ(map.node_of(prefix("::/0")), PrefixMap::kNone);
}

TEST(PrefixMap, NamesThePrefixesAroundAnAddress) {
  const PrefixMap map({prefix("0.0.0.0/0"), prefix("10.0.0.0/8"), prefix("10.0.0.0/16"),
                       prefix("10.0.255.255/32"), prefix("10.1.0.0/16"), prefix("fd00::/8"),
                       prefix("fd00::/64")});
  EXPECT_EQ(chain_of(map, address("10.0.255.255")),
            "10.0.255.255/32 10.0.0.0/16 10.0.0.0/8 0.0.0.0/0");
  EXPECT_EQ(chain_of(map, address("10.1.0.0")), "10.1.0.0/16 10.0.0.0/8 0.0.0.0/0");
  EXPECT_EQ(chain_of(map, address("10.2.0.0")), "10.0.0.0/8 0.0.0.0/0");
  EXPECT_EQ(chain_of(map, address("11.0.0.0")), "0.0.0.0/0");
  EXPECT_EQ(chain_of(map, address("fd00::1:0:0:0:1")), "fd00::/8");
  EXPECT_EQ(chain_of(map, address("fd00::ffff:ffff:ffff:ffff")), "fd00::/64 fd00::/8");
  EXPECT_EQ(chain_of(map, address("fe00::")), "");
}

TEST(PrefixMap, TheWholeOfOneFamilyIsNothingOfTheOther) {
  const PrefixMap v4({prefix("0.0.0.0/0")});
  EXPECT_EQ(chain_of(v4, address("255.255.255.255")), "0.0.0.0/0");
  EXPECT_EQ(chain_of(v4, address("::")), "");
  EXPECT_EQ(chain_of(v4, address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), "");
  const PrefixMap v6({prefix("::/0")});
  EXPECT_EQ(chain_of(v6, address("0.0.0.0")), "");
  EXPECT_EQ(chain_of(v6, address("::ffff:10.0.0.1")), "");  // is 10.0.0.1
  EXPECT_EQ(chain_of(v6, address("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")), "::/0");
}

// Nothing but the definition.
const Prefix* narrowest_around(const std::vector<Prefix>& prefixes, const IpAddress& address,
                               int shorter_than) {
  const Prefix* best = nullptr;
  for (const Prefix& candidate : prefixes) {
    if (!candidate.contains(address) || candidate.length() >= shorter_than) continue;
    if (best == nullptr || candidate.length() > best->length()) best = &candidate;
  }
  return best;
}

RC_GTEST_PROP(PrefixMap, AgreesWithALinearSearch, ()) {
  const auto prefixes = test::any_prefixes(60);
  const PrefixMap map(prefixes);
  for (const IpAddress& destination : test::telling_addresses(prefixes)) {
    const Prefix* expected = narrowest_around(prefixes, destination, 129);
    Node node = map.find(destination);
    for (; expected != nullptr; node = map.parent(node)) {
      RC_ASSERT(node != PrefixMap::kNone);
      RC_ASSERT(map.prefix(node) == *expected);
      RC_ASSERT(map.node_of(*expected) == node);
      expected = narrowest_around(prefixes, destination, expected->length());
    }
    RC_ASSERT(node == PrefixMap::kNone);
  }
}

}  // namespace
}  // namespace oneping
