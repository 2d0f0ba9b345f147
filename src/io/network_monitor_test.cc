#include "io/network_monitor.h"

#include <gtest/gtest.h>
#include <poll.h>

#include "io/netlink.h"
#include "io/source_address.h"
#include "io/testing/network_namespace.h"

namespace oneping {
namespace {

bool is_readable(const NetworkMonitor& monitor) {
  pollfd ready{monitor.fd(), POLLIN, 0};
  return ::poll(&ready, 1, 0) == 1;
}

TEST(NetworkMonitor, TellsOfAddressesAndRoutes) {
  run_in_network_namespace([] {
    auto monitor = NetworkMonitor::open();
    ASSERT_TRUE(monitor) << monitor.error().message;
    auto netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    monitor->drain();
    EXPECT_FALSE(is_readable(*monitor));

    for (const char* address : {"10.1.2.3/24", "fd01::3/64"}) {
      SCOPED_TRACE(address);
      const auto interface = *InterfaceAddress::parse(address);
      ASSERT_TRUE(netlink->add_address("lo", interface));
      EXPECT_TRUE(is_readable(*monitor));
      monitor->drain();
      EXPECT_FALSE(is_readable(*monitor));
      EXPECT_EQ(source_towards(interface.address), interface.address);
    }
    for (const char* route : {"10.9.0.0/16", "fd09::/64"}) {
      SCOPED_TRACE(route);
      ASSERT_TRUE(netlink->add_route("lo", *Prefix::parse(route)));
      EXPECT_TRUE(is_readable(*monitor));
      monitor->drain();
    }
    EXPECT_EQ(source_towards(*IpAddress::parse("192.0.2.1")), std::nullopt) << "no route";
  });
}

TEST(Netlink, RouteThatIsThereAlreadyCannotBeClaimed) {
  run_in_network_namespace([] {
    auto netlink = Netlink::open();
    ASSERT_TRUE(netlink);
    for (const char* route : {"10.9.0.0/16", "fd09::/64"}) {
      SCOPED_TRACE(route);
      EXPECT_TRUE(netlink->claim_route("lo", *Prefix::parse(route)));
      const auto again = netlink->claim_route("lo", *Prefix::parse(route));
      ASSERT_FALSE(again);
      EXPECT_EQ(again.error().message, "adding route " + std::string(route) +
                                           " to lo: this host has such a route already");
      EXPECT_TRUE(netlink->remove_route("lo", *Prefix::parse(route)));
      EXPECT_TRUE(netlink->claim_route("lo", *Prefix::parse(route)));
    }
  });
}

}  // namespace
}  // namespace oneping
