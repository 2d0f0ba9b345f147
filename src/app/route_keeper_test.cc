// The route keeper with a real interface, in a network namespace of its own.
#include "app/route_keeper.h"

#include <gtest/gtest.h>
#include <net/if.h>
#include <poll.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "io/capabilities.h"
#include "io/netlink.h"
#include "io/source_address.h"
#include "io/testing/network_namespace.h"
#include "io/tun_device.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;
using device::InterfacePlan;

IpAddress ip(const char* text) { return *IpAddress::parse(text); }
Prefix prefix(const char* text) { return *Prefix::parse(text); }

// Whether packets to there leave by the interface with that address.
bool leads(const char* to, const char* source) { return source_towards(ip(to)) == ip(source); }
bool leads_nowhere(const char* to) { return !source_towards(ip(to)); }

std::optional<RouteKeeper::Answer> answer_of(RouteKeeper& keeper) {
  pollfd ready{keeper.fd(), POLLIN, 0};
  EXPECT_EQ(::poll(&ready, 1, 5000), 1);
  return keeper.on_readable();
}
std::string problems_of(RouteKeeper& keeper, const InterfacePlan& plan) {
  keeper.want(plan);
  const auto answer = answer_of(keeper);
  EXPECT_TRUE(answer);
  return answer ? answer->problems : "it has gone";
}

const InterfacePlan kBoth{
    1400, {ip("100.96.0.7"), ip("fd00::7")}, {prefix("172.16.10.0/24"), prefix("fd10::/64")}};

struct World {
  std::unique_ptr<TunDevice> tun;
  std::unique_ptr<RouteKeeper> keeper;
};
World make_world() {
  auto tun = TunDevice::open({.name = "kept", .mtu = 1280});
  EXPECT_TRUE(tun) << tun.error().message;
  auto keeper = RouteKeeper::start("kept");
  EXPECT_TRUE(keeper) << keeper.error().message;
  EXPECT_TRUE(drop_all_capabilities());
  return {std::move(*tun), std::move(*keeper)};
}

TEST(RouteKeeper, KeepsTheInterfaceAsItIsTold) {
  run_in_network_namespace([] {
    World world = make_world();
    EXPECT_EQ(problems_of(*world.keeper, kBoth), "");
    EXPECT_TRUE(leads("172.16.10.120", "100.96.0.7"));
    EXPECT_TRUE(leads("fd10::120", "fd00::7"));

    InterfacePlan other = kBoth;
    other.routes = {prefix("10.0.0.0/8"), prefix("fd10::/64")};
    EXPECT_EQ(problems_of(*world.keeper, other), "");
    EXPECT_TRUE(leads("10.1.2.3", "100.96.0.7"));
    EXPECT_TRUE(leads_nowhere("172.16.10.120"));
    EXPECT_TRUE(leads("fd10::120", "fd00::7"));

    other.addresses = {ip("100.96.0.9")};
    other.routes = {prefix("10.0.0.0/8")};
    EXPECT_EQ(problems_of(*world.keeper, other), "");
    EXPECT_TRUE(leads("10.1.2.3", "100.96.0.9"));
    EXPECT_TRUE(leads_nowhere("fd10::120"));
  });
}

TEST(RouteKeeper, TakesTheLastOfManyWishes) {
  run_in_network_namespace([] {
    World world = make_world();
    for (int i = 0; i < 100; ++i) {
      InterfacePlan plan = kBoth;
      plan.routes = {prefix(("10." + std::to_string(i) + ".0.0/16").c_str())};
      world.keeper->want(plan);
    }
    while (true) {
      const auto answer = answer_of(*world.keeper);
      ASSERT_TRUE(answer);
      EXPECT_EQ(answer->problems, "");
      if (answer->plan.routes[0] == prefix("10.99.0.0/16")) break;
    }
    EXPECT_TRUE(leads("10.99.1.1", "100.96.0.7"));
    EXPECT_TRUE(leads_nowhere("10.0.1.1"));
  });
}

// The host's own routes stay, and are told; when they go, ours can come.
TEST(RouteKeeper, RouteThatTheHostHasIsNotTakenFromIt) {
  run_in_network_namespace([] {
    auto netlink = Netlink::open();
    ASSERT_TRUE(netlink->add_address("lo", *InterfaceAddress::parse("10.5.0.1/32")));
    ASSERT_TRUE(netlink->add_route("lo", prefix("172.16.10.0/24")));
    auto tun = TunDevice::open({.name = "kept", .mtu = 1280});
    ASSERT_TRUE(tun);
    auto keeper = RouteKeeper::start("kept");
    ASSERT_TRUE(keeper);
    EXPECT_EQ(problems_of(**keeper, kBoth),
              "adding route 172.16.10.0/24 to kept: this host has such a route already\n");
    EXPECT_FALSE(leads("172.16.10.120", "100.96.0.7"));
    EXPECT_TRUE(leads("fd10::120", "fd00::7")) << "the others are there";
    ASSERT_TRUE(netlink->remove_route("lo", prefix("172.16.10.0/24")));
    EXPECT_EQ(problems_of(**keeper, kBoth), "");
    EXPECT_TRUE(leads("172.16.10.120", "100.96.0.7"));
  });
}

TEST(RouteKeeper, RefusesWhatNobodyMayHave) {
  run_in_network_namespace([] {
    World world = make_world();
    InterfacePlan plan = kBoth;
    plan.routes = {prefix("0.0.0.0/0")};
    EXPECT_EQ(problems_of(*world.keeper, plan), "refused: a route to 0.0.0.0/0\n");
    plan = kBoth;
    plan.mtu = 100;
    EXPECT_EQ(problems_of(*world.keeper, plan), "refused: an MTU of 100\n");
    EXPECT_TRUE(leads_nowhere("172.16.10.120"));
  });
}

TEST(RouteKeeper, ThousandsOfRoutesAreOneOrder) {
  run_in_network_namespace([] {
    World world = make_world();
    InterfacePlan plan = kBoth;
    plan.routes.clear();
    for (std::uint32_t i = 0; i < 8192; ++i) {
      plan.routes.emplace_back(IpAddress::v4(0x0a000000u + (i << 8)), 24);
    }
    EXPECT_EQ(problems_of(*world.keeper, plan), "");
    EXPECT_TRUE(leads("10.31.255.1", "100.96.0.7"));
    EXPECT_EQ(problems_of(*world.keeper, kBoth), "");
    EXPECT_TRUE(leads_nowhere("10.31.255.1"));
  });
}

// The interface is somebody else's too, so that it does not vanish of itself.
TEST(RouteKeeper, TakesEverythingBackWhenItsParentIsGone) {
  run_in_network_namespace([] {
    auto tun = TunDevice::open({.name = "kept", .mtu = 1280});
    ASSERT_TRUE(tun);
    const pid_t parent = ::fork();
    if (parent == 0) {
      auto keeper = RouteKeeper::start("kept");
      (*keeper)->want(kBoth);
      if (!answer_of(**keeper)) ::_exit(1);
      ::raise(SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(parent, &status, 0), parent);
    ASSERT_TRUE(WIFSIGNALED(status));
    for (int i = 0; i < 200 && !leads_nowhere("172.16.10.120"); ++i) {
      std::this_thread::sleep_for(10ms);
    }
    EXPECT_TRUE(leads_nowhere("172.16.10.120"));
    EXPECT_TRUE(leads_nowhere("fd10::120"));
    EXPECT_TRUE(leads_nowhere("100.96.0.7"));
    EXPECT_NE(::if_nametoindex("kept"), 0u);
  });
}

TEST(RouteKeeper, DoesNotKeepTheInterfaceAlive) {
  run_in_network_namespace([] {
    World world = make_world();
    EXPECT_EQ(problems_of(*world.keeper, kBoth), "");
    world.tun.reset();
    EXPECT_EQ(::if_nametoindex("kept"), 0u);
    EXPECT_EQ(problems_of(*world.keeper, kBoth), "the interface kept is gone\n");
  });
}

TEST(RouteKeeper, InterfaceThatIsNotThereEndsIt) {
  run_in_network_namespace([] {
    auto keeper = RouteKeeper::start("nothing");
    ASSERT_TRUE(keeper);
    EXPECT_FALSE(answer_of(**keeper)) << "it has gone";
  });
}

}  // namespace
}  // namespace oneping
