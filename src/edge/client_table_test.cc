#include "edge/client_table.h"

#include <gtest/gtest.h>

#include "test/support/fake_link.h"

namespace oneping::edge {
namespace {

class ClientTableTest : public testing::Test {
 protected:
  ClientTableTest() {
    set_device({.id = 1, .device = "laptop", .user = "alice"});
    set_device({.id = 2, .device = "phone"});
    clients.apply(snapshot);
  }
  void set_device(const Identity& identity) {
    auto identities = std::make_shared<Identities>(*snapshot.identities);
    identities->set(std::make_shared<Identity>(identity));
    snapshot.identities = identities;
  }
  void set_route(NetworkId network) {
    auto routing = std::make_shared<Routing>(*snapshot.routing);
    routing->networks[network] = RouteTable({{Prefix::parse("10.0.0.0/8").value(), 0}});
    snapshot.routing = routing;
  }

  Snapshot snapshot;
  test::FakeLink link;
  ClientTable clients{DeviceLimits{}};
};

TEST_F(ClientTableTest, KnowsWhoSends) {
  const auto alice = clients.add(link, 1);
  const auto nobody = clients.add(link, 3);
  ASSERT_TRUE(clients.find(alice)->identity);
  EXPECT_EQ(clients.find(alice)->identity->user, "alice");
  EXPECT_EQ(clients.find(alice)->link, &link);
  EXPECT_FALSE(clients.find(nobody)->identity);
  clients.remove(alice);
  EXPECT_EQ(clients.find(alice), nullptr);
  EXPECT_EQ(clients.size(), 1u);
}

TEST_F(ClientTableTest, ARevokedDeviceIsNobody) {
  const auto alice = clients.add(link, 1);
  set_device({.id = 1, .device = "laptop", .revoked = true});
  EXPECT_TRUE(clients.find(alice)->identity) << "not applied yet";
  clients.apply(snapshot);
  EXPECT_FALSE(clients.find(alice)->identity);
}

TEST_F(ClientTableTest, RoutesAreThoseOfTheDevicesNetwork) {
  const auto alice = clients.add(link, 1);
  EXPECT_EQ(clients.find(alice)->routes, nullptr);
  set_route(0);
  set_route(5);
  clients.apply(snapshot);
  EXPECT_EQ(clients.find(alice)->routes, &snapshot.routing->networks.at(0));
  set_device({.id = 1, .device = "laptop", .network = 5});
  clients.apply(snapshot);
  EXPECT_EQ(clients.find(alice)->routes, &snapshot.routing->networks.at(5));
  set_device({.id = 1, .device = "laptop", .network = 6});
  clients.apply(snapshot);
  EXPECT_EQ(clients.find(alice)->routes, nullptr);
}

// Flows are judged again only when their verdicts may have become different.
TEST_F(ClientTableTest, JudgementChangesWithPoliciesAndWithTheClientsOwnIdentity) {
  const auto alice = clients.add(link, 1);
  auto before = clients.find(alice)->judgement;
  const auto is_judged_anew = [&] {
    clients.apply(snapshot);
    return std::exchange(before, clients.find(alice)->judgement) != before;
  };
  EXPECT_FALSE(is_judged_anew());
  set_route(0);
  EXPECT_FALSE(is_judged_anew()) << "a route";
  set_device({.id = 2, .device = "phone", .tags = {"new"}});
  EXPECT_FALSE(is_judged_anew()) << "somebody else";
  snapshot.policies = std::make_shared<PolicyTable>(std::vector<PolicyRule>{}, Verdict::deny);
  EXPECT_TRUE(is_judged_anew()) << "policies";
  set_device({.id = 1, .device = "laptop", .groups = {"ops"}});
  EXPECT_TRUE(is_judged_anew()) << "himself";
  set_device({.id = 1, .device = "laptop", .revoked = true});
  EXPECT_TRUE(is_judged_anew()) << "revoked";
}

TEST_F(ClientTableTest, TheSenderIsOfThePoliciesInForce) {
  const auto alice = clients.add(link, 1);
  const PolicyQuestion question{.destination = IpAddress::v4(0x0a000001)};
  const auto verdict = [&] {
    return clients.snapshot().policies->decide(clients.find(alice)->sender, question).verdict;
  };
  EXPECT_EQ(verdict(), Verdict::allow);
  snapshot.policies = std::make_shared<PolicyTable>(
      std::vector<PolicyRule>{
          {.name = "alice", .who = {{SubjectKind::user, "alice"}}, .verdict = Verdict::deny}},
      Verdict::allow);
  clients.apply(snapshot);
  EXPECT_EQ(verdict(), Verdict::deny);
  set_device({.id = 1, .device = "laptop", .user = "bob"});
  clients.apply(snapshot);
  EXPECT_EQ(verdict(), Verdict::allow);
}

}  // namespace
}  // namespace oneping::edge
