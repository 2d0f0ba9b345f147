#include "proxy/destination_filter.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

TEST(DestinationFilter, KnowsSpecialAddresses) {
  struct Case {
    const char* address;
    bool special;
  };
  const Case cases[] = {
      {"0.0.0.0", true},
      {"0.1.2.3", true},
      {"127.0.0.1", true},
      {"127.255.255.254", true},
      {"169.254.1.1", true},
      {"169.254.169.254", true},
      {"224.0.0.1", true},
      {"239.255.255.255", true},
      {"240.0.0.1", true},
      {"255.255.255.255", true},
      {"168.63.129.16", true},
      {"100.100.100.200", true},
      {"1.0.0.1", false},
      {"10.0.0.1", false},
      {"126.255.255.255", false},
      {"128.0.0.1", false},
      {"169.253.255.255", false},
      {"172.16.10.120", false},
      {"223.255.255.255", false},
      {"100.100.100.201", false},
      {"::", true},
      {"::1", true},
      {"fe80::1", true},
      {"febf::1", true},
      {"ff02::1", true},
      {"fd00:ec2::254", true},
      {"fd20:ce::254", true},
      {"fd00:c1::a9fe:a9fe", true},
      {"::2", false},
      {"fec0::1", false},
      {"fd00:ec2::253", false},
      {"2001:db8::1", false},
  };
  for (const auto& [address, special] : cases) {
    EXPECT_EQ(DestinationFilter::is_special(*IpAddress::parse(address)), special) << address;
  }
}

TEST(DestinationFilter, AllowsNamedPrefixesOfTheirOwnFamilyOnly) {
  const DestinationFilter filter({*Prefix::parse("127.0.0.2/32"), *Prefix::parse("::/0")});
  EXPECT_TRUE(filter.is_allowed_by_name(*IpAddress::parse("127.0.0.2")));
  EXPECT_FALSE(filter.is_allowed_by_name(*IpAddress::parse("127.0.0.3")));
  EXPECT_TRUE(filter.is_allowed_by_name(*IpAddress::parse("::1")));
}

}  // namespace
}  // namespace oneping
