#include "io/host_addresses.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "io/echo_test_namespace.h"

namespace oneping {
namespace {

IpAddress address(const char* text) { return *IpAddress::parse(text); }

class HostAddressesTest : public testing::Test {
 protected:
  void SetUp() override {
    if (!testing_support::enter_new_network()) GTEST_SKIP() << "no namespaces here";
  }
};

TEST_F(HostAddressesTest, KnowsLoopback) {
  const auto host = HostAddresses::open();
  ASSERT_TRUE(host) << host.error().message;
  EXPECT_TRUE(host->is_own(address("127.0.0.1")));
  EXPECT_TRUE(host->is_own(address("::1")));
  EXPECT_FALSE(host->is_own(address("192.0.2.1")));
  EXPECT_EQ(host->source_for(address("127.0.0.2")), address("127.0.0.1"));
  EXPECT_EQ(host->source_for(address("::1")), address("::1"));
  EXPECT_EQ(host->source_for(address("192.0.2.1")), std::nullopt);
  EXPECT_EQ(host->source_for(address("2001:db8::1")), std::nullopt);
}

TEST_F(HostAddressesTest, FollowsChanges) {
  auto host = HostAddresses::open();
  ASSERT_TRUE(host) << host.error().message;
  ASSERT_EQ(std::system("ip link add net0 type veth peer name net1 && ip link set net0 up && "
                        "ip address add 192.0.2.100/24 brd + dev net0 && "
                        "ip address add 198.51.100.7/24 dev net0 && "
                        "ip address add 2001:db8::100/64 dev net0 nodad"),
            0);
  EXPECT_FALSE(host->is_own(address("192.0.2.100"))) << "not told yet";
  host->on_readable();
  EXPECT_TRUE(host->is_own(address("192.0.2.100")));
  EXPECT_FALSE(host->is_broadcast(address("192.0.2.100")));
  EXPECT_TRUE(host->is_broadcast(address("192.0.2.255")));
  EXPECT_FALSE(host->is_own(address("192.0.2.255")));
  EXPECT_TRUE(host->is_own(address("198.51.100.7")));
  EXPECT_FALSE(host->is_broadcast(address("198.51.100.7"))) << "it was given none";
  EXPECT_TRUE(host->is_broadcast(address("198.51.100.255"))) << "that of its network";
  EXPECT_FALSE(host->is_own(address("192.0.2.101")));
  EXPECT_TRUE(host->is_own(address("2001:db8::100")));
  EXPECT_EQ(host->source_for(address("192.0.2.7")), address("192.0.2.100"));

  ASSERT_EQ(std::system("ip link delete net0"), 0);
  host->on_readable();
  EXPECT_FALSE(host->is_own(address("192.0.2.100")));
  EXPECT_FALSE(host->is_own(address("2001:db8::100")));
  EXPECT_FALSE(host->is_broadcast(address("192.0.2.255")));
}

}  // namespace
}  // namespace oneping
