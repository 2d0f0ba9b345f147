#include "control/compile.h"

#include <gtest/gtest.h>

namespace oneping::control {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kNow{hours(24 * 365 * 56)};

SecretHash hash(std::uint8_t first) {
  SecretHash hash{};
  hash[0] = first;
  return hash;
}

// Two tunnels with a route each in two networks, two policies, and alice with her laptop.
struct CompileTest : ::testing::Test {
  CompileTest() {
    const std::vector<Change> changes{
        Vnet{.id = kDefaultVnet, .name = "default"},
        Vnet{.id = 2, .name = "lab"},
        Tunnel{.id = 3, .name = "office", .uuid = {3}, .account = "a", .secret = hash(3)},
        Tunnel{.id = 4, .name = "home", .uuid = {4}, .account = "a"},
        Route{.id = 5, .prefix = *Prefix::parse("10.0.0.0/8"), .tunnel = 3},
        Route{.id = 6, .prefix = *Prefix::parse("10.0.0.0/8"), .vnet = 2, .tunnel = 4},
        User{.id = 7, .name = "alice"},
        Group{.id = 8, .name = "staff", .members = {7}},
        Device{.id = 9, .name = "laptop", .user = 7, .tags = {"mobile"}, .vnet = 2},
        Policy{
            .id = 10,
            .position = 2,
            .name = "no",
            .who = {{.kind = SubjectKind::group, .id = 8}, {.kind = SubjectKind::tag, .tag = "x"}},
            .vnet = 2},
        Policy{.id = 11, .position = 1, .name = "yes", .verdict = Verdict::allow},
    };
    directory.apply(changes);
    maker.emplace(directory, kNow);
  }

  // Applies changes as the control plane does.
  void change(const std::vector<Change>& changes, Timestamp now = kNow) {
    const Touched touched = touched_by(changes, directory);
    directory.apply(changes);
    before = maker->snapshot();
    maker->update(directory, touched, now);
    after = maker->snapshot();
  }
  void expect_changed(bool routing, bool policies, bool identities, const char* what) {
    EXPECT_EQ(before.routing != after.routing, routing) << what;
    EXPECT_EQ(before.policies != after.policies, policies) << what;
    EXPECT_EQ(before.identities != after.identities, identities) << what;
  }
  template <typename Thing>
  Thing with(const Thing* thing, void (*edit)(Thing&)) {
    Thing changed = *thing;
    edit(changed);
    return changed;
  }

  Directory directory;
  std::optional<SnapshotMaker> maker;
  edge::Snapshot before;
  edge::Snapshot after;
};

TEST_F(CompileTest, MakesEverything) {
  const edge::Snapshot& snapshot = maker->snapshot();
  ASSERT_EQ(snapshot.routing->tunnels.size(), 2u);
  const edge::TunnelConfig& office = *snapshot.routing->tunnels[0];
  EXPECT_EQ(office.name, "office");
  EXPECT_EQ(office.id, Uuid{3});
  EXPECT_EQ(office.account, "a");
  EXPECT_EQ(office.secrets, std::vector<SecretHash>{hash(3)});
  EXPECT_TRUE(snapshot.routing->tunnels[1]->secrets.empty());
  const auto towards = *IpAddress::parse("10.1.2.3");
  EXPECT_EQ(snapshot.routing->networks.at(1).lookup(towards), 0u);
  EXPECT_EQ(snapshot.routing->networks.at(2).lookup(towards), 1u);
  EXPECT_EQ(snapshot.routing->prefixes.at(2), std::vector<Prefix>{*Prefix::parse("10.0.0.0/8")});

  const auto& rules = snapshot.policies->rules();
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].name, "yes");
  EXPECT_EQ(rules[1].who,
            (std::vector<Subject>{{SubjectKind::group, "staff"}, {SubjectKind::tag, "x"}}));
  EXPECT_EQ(rules[1].network, NetworkId{2});

  const edge::Identity& laptop = *snapshot.identities->at(9);
  EXPECT_EQ(laptop.device, "laptop");
  EXPECT_EQ(laptop.user, "alice");
  EXPECT_EQ(laptop.groups, std::vector<std::string>{"staff"});
  EXPECT_EQ(laptop.tags, std::vector<std::string>{"mobile"});
  EXPECT_EQ(laptop.network, NetworkId{2});
}

TEST_F(CompileTest, ChangesOnlyWhatIsTouched) {
  change({Route{.id = 20, .prefix = *Prefix::parse("10.9.0.0/16"), .tunnel = 3}});
  expect_changed(true, false, false, "a new route");
  EXPECT_EQ(before.routing->tunnels, after.routing->tunnels) << "tunnels keep their pointers";
  change({with<Route>(directory.find_route(20), [](Route& r) { r.comment = "c"; })});
  expect_changed(false, false, false, "a route's comment");
  change({with<Route>(directory.find_route(20), [](Route& r) { r.tunnel = 4; })});
  expect_changed(true, false, false, "a route's tunnel");
  change({Erase{Kind::route, 20}});
  expect_changed(true, false, false, "a route's end");

  change({with<Tunnel>(directory.tunnels().find(3), [](Tunnel& t) { t.last_connected = kNow; })});
  expect_changed(false, false, false, "a tunnel was connected");
  change({with<Tunnel>(directory.tunnels().find(3), [](Tunnel& t) { t.secret = hash(9); })});
  expect_changed(true, false, false, "a tunnel's token");
  EXPECT_EQ(before.routing->tunnels[1], after.routing->tunnels[1]) << "the other tunnel's pointer";
  change({with<Tunnel>(directory.tunnels().find(3),
                       [](Tunnel& t) { t.path = tunnel::PathMode::single_hop; })});
  expect_changed(true, false, false, "a tunnel's path");
  EXPECT_EQ(after.routing->tunnels[0]->path, tunnel::PathMode::single_hop);
  change({Tunnel{.id = 21, .name = "new", .uuid = {21}}});
  expect_changed(true, false, false, "a new tunnel");

  change({User{.id = 22, .name = "bob"}});
  expect_changed(false, false, false, "a new user");
  change({with<User>(directory.users().find(7), [](User& u) { u.comment = "c"; })});
  expect_changed(false, false, false, "a user's comment");
  change({with<User>(directory.users().find(7), [](User& u) { u.name = "anna"; })});
  expect_changed(false, true, true, "a user's name");
  change({with<Group>(directory.groups().find(8), [](Group& g) { g.members.clear(); })});
  expect_changed(false, false, true, "a group's members");
  EXPECT_TRUE(after.identities->at(9)->groups.empty());
  change({with<Device>(directory.devices().find(9), [](Device& d) { d.revoked = true; })});
  expect_changed(false, false, true, "a revoked device");
  change(
      {with<Policy>(directory.policies().find(10), [](Policy& p) { p.verdict = Verdict::allow; })});
  expect_changed(false, true, false, "a policy");
  change({Settings{.default_verdict = Verdict::deny}});
  expect_changed(false, true, false, "the default");
  change({Vnet{.id = 23, .name = "other"}});
  expect_changed(false, false, false, "a virtual network");
  change({Erase{Kind::device, 9}});
  expect_changed(false, false, true, "a device's end");
  EXPECT_TRUE(after.identities->empty());
}

TEST_F(CompileTest, RoutesFollowTheirTunnelWhenAnotherEnds) {
  change({Erase{Kind::route, 5}, Erase{Kind::tunnel, 3}});
  EXPECT_FALSE(after.routing->networks.contains(1)) << "a network without routes has no table";
  EXPECT_FALSE(after.routing->prefixes.contains(1));
  const auto target = after.routing->networks.at(2).lookup(*IpAddress::parse("10.1.2.3"));
  ASSERT_TRUE(target);
  EXPECT_EQ(after.routing->tunnels.at(*target)->name, "home");
}

TEST_F(CompileTest, PoliciesBeginAndEndInTime) {
  change({with<Policy>(directory.policies().find(10), [](Policy& p) {
    p.from = kNow + minutes(10);
    p.until = kNow + minutes(20);
  })});
  const auto names = [&] {
    std::vector<std::string> found;
    for (const auto& rule : maker->snapshot().policies->rules()) found.push_back(rule.name);
    return found;
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(names(), Names{"yes"});
  EXPECT_EQ(maker->next_deadline(), kNow + minutes(10));
  EXPECT_FALSE(maker->on_time(directory, kNow + minutes(10) - std::chrono::milliseconds(1)));
  EXPECT_TRUE(maker->on_time(directory, kNow + minutes(10)));
  EXPECT_EQ(names(), (Names{"yes", "no"}));
  EXPECT_EQ(maker->next_deadline(), kNow + minutes(20));
  EXPECT_TRUE(maker->on_time(directory, kNow + minutes(20)));
  EXPECT_EQ(names(), Names{"yes"});
  EXPECT_EQ(maker->next_deadline(), std::nullopt);
  EXPECT_TRUE(maker->on_time(directory, kNow + minutes(15))) << "the clock was set back";
  EXPECT_EQ(names(), (Names{"yes", "no"}));
}

TEST_F(CompileTest, APreviousTokenIsGoodUntilItsTimeIsOver) {
  change({with<Tunnel>(directory.tunnels().find(3), [](Tunnel& t) {
    t.previous_secret = hash(1);
    t.previous_until = kNow + minutes(5);
  })});
  EXPECT_EQ(after.routing->tunnels[0]->secrets, (std::vector<SecretHash>{hash(3), hash(1)}));
  EXPECT_EQ(maker->next_deadline(), kNow + minutes(5));
  const auto policies = maker->snapshot().policies;
  EXPECT_TRUE(maker->on_time(directory, kNow + minutes(5)));
  EXPECT_EQ(maker->snapshot().routing->tunnels[0]->secrets, std::vector<SecretHash>{hash(3)});
  EXPECT_EQ(maker->snapshot().policies, policies);
  EXPECT_EQ(maker->next_deadline(), std::nullopt);
}

}  // namespace
}  // namespace oneping::control
