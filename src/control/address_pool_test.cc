#include "control/address_pool.h"

#include <gtest/gtest.h>

#include <set>

namespace oneping::control {
namespace {

std::vector<IpAddress> addresses(std::initializer_list<const char*> texts) {
  std::vector<IpAddress> all;
  for (const char* text : texts) all.push_back(*IpAddress::parse(text));
  return all;
}

struct Case {
  const char* name;
  const char* pool;
  std::vector<IpAddress> used;
  const char* next;  // null: none is free
};
TEST(AddressPool, NextAddress) {
  for (const Case& c : {
           Case{"the first", "100.96.0.0/12", {}, "100.96.0.1"},
           Case{"the first, IPv6", "fd00:1::/64", {}, "fd00:1::1"},
           Case{"behind the highest", "100.96.0.0/12", addresses({"100.96.0.1", "100.96.0.7"}),
                "100.96.0.8"},
           Case{"others' do not count", "100.96.0.0/12", addresses({"10.0.0.1", "fd00::1"}),
                "100.96.0.1"},
           Case{"over a byte's end", "100.96.0.0/12", addresses({"100.96.0.255"}), "100.96.1.0"},
           Case{"over a byte's end, IPv6", "fd00:1::/64", addresses({"fd00:1::ffff"}),
                "fd00:1::1:0"},
           Case{"round the end to a gap", "10.0.0.0/29",
                addresses({"10.0.0.1", "10.0.0.2", "10.0.0.4", "10.0.0.6"}), "10.0.0.3"},
           Case{"in any order, twice", "10.0.0.0/29",
                addresses({"10.0.0.6", "10.0.0.1", "10.0.0.6"}), "10.0.0.2"},
           Case{"full", "10.0.0.0/30", addresses({"10.0.0.1", "10.0.0.2"}), nullptr},
           Case{"of two none is a host's", "10.0.0.0/31", {}, nullptr},
           Case{"of one", "10.0.0.0/32", {}, nullptr},
           Case{"the whole of IPv6's small one", "fd00::/127", {}, "fd00::1"},
           Case{"full, IPv6", "fd00::/127", addresses({"fd00::1"}), nullptr},
       }) {
    const auto next = next_address(*Prefix::parse(c.pool), c.used);
    EXPECT_EQ(next.has_value(), c.next != nullptr) << c.name;
    if (next && c.next != nullptr) {
      EXPECT_EQ(next->to_string(), c.next) << c.name;
    }
  }
}

TEST(AddressPool, HandsOutEveryHostOnce) {
  for (const auto& [text, hosts] : {std::pair{"10.0.0.0/26", 62u}, std::pair{"fd00::/122", 63u}}) {
    std::vector<IpAddress> used;
    while (const auto next = next_address(*Prefix::parse(text), used)) used.push_back(*next);
    EXPECT_EQ(used.size(), hosts);
    EXPECT_EQ((std::set<IpAddress>(used.begin(), used.end()).size()), hosts);
  }
}

}  // namespace
}  // namespace oneping::control
