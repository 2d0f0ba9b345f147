// Who may reach what, through the whole path: what a refused sender is told, what becomes of flows
// when policies and identities change, and what the flow log says.
#include <gtest/gtest.h>

#include "test/sim/world.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

struct Family {
  const char* name;
  const char* client;
  const char* other_client;
  const char* origin;
  const char* nowhere;  // no route leads there
  const char* edge_hop;
  const char* connector_hop;
  std::uint8_t unreachable, prohibited, exceeded;  // type, its code, type
};

const Family kFamilies[] = {
    {"v4", "100.96.0.1", "100.96.0.2", "172.16.10.120", "10.99.0.1", "172.68.101.57",
     "172.16.10.100", 3, 13, 11},
    {"v6", "fd00:100:96::1", "fd00:100:96::2", "fd00:172:16:10::120", "fd99::1",
     "fd00:172:68:101::57", "fd00:172:16:10::100", 1, 1, 3},
};

class Policies : public testing::TestWithParam<Family> {
 protected:
  Policies() : world({.seed = 3}), client(GetParam().client), origin(address(GetParam().origin)) {}
  void TearDown() override { world.expect_counters_add_up(); }
  void start() {
    world.start_connector();
    ASSERT_TRUE(world.run_until_ready());
    world.run_for(200ms);
  }
  void set_rules(std::vector<PolicyRule> rules, Verdict by_default) {
    world.control.rules = std::move(rules);
    world.control.by_default = by_default;
    world.control.remake_policies();
    world.apply();
  }
  void deny_all() { set_rules({}, Verdict::deny); }
  void allow_all() { set_rules({}, Verdict::allow); }
  void set_revoked(bool revoked) {
    world.control.devices[0].revoked = revoked;
    world.control.remake_identities();
    world.apply();
  }
  void ping(std::uint8_t hop_limit = 64) { world.ping(client, origin, {7, ++sequence}, hop_limit); }
  // One request, and all that comes of it.
  void ping_and_wait(std::uint8_t hop_limit = 64) {
    ping(hop_limit);
    world.run_for(50ms);
  }
  void expect_prohibited(const Received& error) const {
    EXPECT_EQ(error.source, address(GetParam().edge_hop));
    EXPECT_EQ(error.type, GetParam().unreachable);
    EXPECT_EQ(error.code, GetParam().prohibited);
  }
  const StageCounters& to_network() const {
    return world.edge->edge.packets().to_network().packets;
  }
  const StageCounters& to_client() const { return world.edge->edge.packets().to_client().packets; }
  std::uint64_t counted(Verdict verdict) const {
    return world.edge->edge.packets().verdicts(Protocol::icmp, verdict);
  }
  const std::vector<edge::FlowVerdict>& log() const { return world.observer.verdicts; }

  World world;
  Client client;
  IpAddress origin;
  std::uint16_t sequence = 0;
};

INSTANTIATE_TEST_SUITE_P(Sim, Policies, testing::ValuesIn(kFamilies),
                         [](const auto& p) { return p.param.name; });

TEST_P(Policies, WhoIsAllowedGetsThroughAndTheLogNamesTheRule) {
  start();
  set_rules({{.name = "others", .who = {{SubjectKind::user, "bob"}}, .verdict = Verdict::deny},
             {.name = "lab", .who = {{SubjectKind::user, "alice"}}, .verdict = Verdict::allow}},
            Verdict::deny);
  for (int i = 0; i < 10; ++i) ping_and_wait();
  EXPECT_EQ(client.replies.size(), 10u);
  EXPECT_TRUE(client.errors.empty());
  ASSERT_EQ(log().size(), 1u) << "one line for a flow";
  EXPECT_EQ(log()[0].who->device, "laptop");
  EXPECT_EQ(log()[0].who->user, "alice");
  EXPECT_EQ(log()[0].from, client.address);
  EXPECT_EQ(log()[0].to, origin);
  EXPECT_EQ(log()[0].protocol, Protocol::icmp);
  EXPECT_EQ(log()[0].verdict, Verdict::allow);
  EXPECT_EQ(log()[0].policies->name_of(log()[0].rule), "lab");
  ASSERT_TRUE(log()[0].tunnel);
  EXPECT_EQ(log()[0].tunnel->name, "sim");
  EXPECT_EQ(counted(Verdict::allow), 1u);
  EXPECT_EQ(counted(Verdict::deny), 0u);
}

TEST_P(Policies, WhoIsDeniedIsToldAtEachPacketAndLoggedOnce) {
  start();
  set_rules({{.name = "no", .to = {Prefix(origin, 24)}, .verdict = Verdict::deny}}, Verdict::allow);
  for (int i = 0; i < 100; ++i) ping();
  ASSERT_EQ(client.errors.size(), 100u);
  for (const Received& error : client.errors) expect_prohibited(error);
  EXPECT_EQ(client.errors[99].identity, (EchoIdentity{7, 100}));
  EXPECT_EQ(to_network().answered(DropReason::policy_denied), 100u);
  EXPECT_EQ(world.connectors[1]->network.requests, 0u);
  ASSERT_EQ(log().size(), 1u);
  EXPECT_EQ(log()[0].verdict, Verdict::deny);
  EXPECT_EQ(log()[0].policies->name_of(log()[0].rule), "no");
  EXPECT_EQ(log()[0].tunnel->name, "sim");
  EXPECT_EQ(counted(Verdict::deny), 1u);
}

TEST_P(Policies, ADeniedTracerouteStillSeesTheEdge) {
  deny_all();
  ping(1);
  ping(2);
  ASSERT_EQ(client.errors.size(), 2u);
  EXPECT_EQ(client.errors[0].source, address(GetParam().edge_hop));
  EXPECT_EQ(client.errors[0].type, GetParam().exceeded);
  expect_prohibited(client.errors[1]);
}

TEST_P(Policies, WhoIsDeniedLearnsNothingOfRoutes) {
  deny_all();
  world.ping(client, address(GetParam().nowhere), {7, 1});
  ASSERT_EQ(client.errors.size(), 1u);
  expect_prohibited(client.errors[0]);
  ASSERT_EQ(log().size(), 1u);
  EXPECT_EQ(log()[0].tunnel, nullptr);
}

TEST_P(Policies, WithoutARouteOrAConnectionTheVerdictIsLoggedOnceAllTheSame) {
  for (int i = 0; i < 5; ++i) {
    world.ping(client, address(GetParam().nowhere), {7, 1});
    world.ping(client, origin, {7, 1});
  }
  EXPECT_EQ(to_network().answered(DropReason::no_route), 5u);
  EXPECT_EQ(to_network().answered(DropReason::no_connection), 5u);
  ASSERT_EQ(log().size(), 2u);
  EXPECT_EQ(log()[0].tunnel, nullptr);
  EXPECT_EQ(log()[1].tunnel->name, "sim");
}

TEST_P(Policies, AChangeTakesEffectAtTheNextPacketAndOnWhatIsUnderWay) {
  start();
  ping_and_wait();
  ASSERT_EQ(client.replies.size(), 1u);
  ping();
  world.run_for(1ms);  // on its way
  deny_all();
  world.run_for(50ms);
  EXPECT_EQ(client.replies.size(), 1u) << "a reply under way stops";
  EXPECT_EQ(to_client().dropped(DropReason::policy_denied), 1u);
  ping();
  ASSERT_EQ(client.errors.size(), 1u);
  expect_prohibited(client.errors[0]);
  allow_all();
  ping_and_wait();
  EXPECT_EQ(client.replies.size(), 2u);

  ASSERT_EQ(log().size(), 3u) << "the new flow, and each turn of its verdict";
  EXPECT_EQ(log()[0].verdict, Verdict::allow);
  EXPECT_EQ(log()[1].verdict, Verdict::deny);
  EXPECT_EQ(log()[2].verdict, Verdict::allow);
  EXPECT_EQ(counted(Verdict::allow) + counted(Verdict::deny), 1u) << "of new flows";
}

TEST_P(Policies, AnotherRuleWithTheSameVerdictIsNoNews) {
  start();
  ping_and_wait();
  set_rules({{.name = "lab", .verdict = Verdict::allow}}, Verdict::deny);
  ping_and_wait();
  set_rules({{.name = "renamed", .verdict = Verdict::allow}}, Verdict::deny);
  ping_and_wait();
  EXPECT_EQ(client.replies.size(), 3u);
  EXPECT_EQ(log().size(), 1u);
}

TEST_P(Policies, RouteChangesAreNoNewsToTheLog) {
  start();
  for (int i = 0; i < 5; ++i) {
    world.control.add_route(i % 2 == 0 ? "10.77.0.0/16" : "10.78.0.0/16", "sim");
    world.control.remake_routing();
    world.apply();
    ping_and_wait();
  }
  EXPECT_EQ(client.replies.size(), 5u);
  EXPECT_EQ(log().size(), 1u);
}

TEST_P(Policies, ErrorsAboutAnAllowedFlowPass) {
  start();
  // The way out is allowed; nothing says so of the way back, or of the connector's own address.
  set_rules({{.name = "lab", .to = {Prefix(origin, 24)}, .verdict = Verdict::allow}},
            Verdict::deny);
  ping_and_wait(2);
  ASSERT_EQ(client.errors.size(), 1u);
  EXPECT_EQ(client.errors[0].source, address(GetParam().connector_hop));
  EXPECT_EQ(client.errors[0].type, GetParam().exceeded);
  // Under way while policies change, and still allowed.
  ping(2);
  world.run_for(1ms);
  set_rules({{.name = "lab2", .to = {Prefix(origin, 16)}, .verdict = Verdict::allow}},
            Verdict::deny);
  world.run_for(50ms);
  EXPECT_EQ(client.errors.size(), 2u);
  // And no longer allowed.
  ping(2);
  world.run_for(1ms);
  deny_all();
  world.run_for(50ms);
  EXPECT_EQ(client.errors.size(), 2u);
  EXPECT_EQ(to_client().dropped(DropReason::policy_denied), 1u);
}

TEST_P(Policies, ARevokedDeviceCarriesNothingUntilItIsRestored) {
  start();
  ping_and_wait();
  ASSERT_EQ(client.replies.size(), 1u);
  ping();
  world.run_for(1ms);
  set_revoked(true);
  world.run_for(50ms);
  EXPECT_EQ(client.replies.size(), 1u) << "a reply under way stops";
  EXPECT_EQ(to_client().dropped(DropReason::device_revoked), 1u);
  ping();
  ASSERT_EQ(client.errors.size(), 1u);
  expect_prohibited(client.errors[0]);
  EXPECT_EQ(to_network().answered(DropReason::device_revoked), 1u);
  set_revoked(false);
  ping_and_wait();
  EXPECT_EQ(client.replies.size(), 2u);
  EXPECT_EQ(log().size(), 1u) << "no policy has turned";
}

TEST_P(Policies, AnUnknownDeviceIsTreatedAsARevokedOne) {
  start();
  client.device = 4711;
  ping();
  ASSERT_EQ(client.errors.size(), 1u);
  expect_prohibited(client.errors[0]);
  EXPECT_EQ(to_network().answered(DropReason::device_revoked), 1u);
  EXPECT_TRUE(log().empty());
  world.control.devices.push_back({.id = 4711, .device = "new", .is_ingress = true});
  world.control.remake_identities();
  world.apply();
  ping_and_wait();
  EXPECT_EQ(client.replies.size(), 1u);
}

TEST_P(Policies, EachClientIsJudgedByHisOwn) {
  start();
  world.control.devices.push_back(
      {.id = 2, .device = "phone", .groups = {"guests"}, .is_ingress = true});
  world.control.remake_identities();
  set_rules({{.name = "guests", .who = {{SubjectKind::group, "guests"}}, .verdict = Verdict::deny}},
            Verdict::allow);
  Client guest(GetParam().other_client);
  guest.device = 2;
  ping();
  world.ping(guest, origin, {7, 1});
  world.run_for(50ms);
  EXPECT_EQ(client.replies.size(), 1u);
  EXPECT_TRUE(client.errors.empty());
  EXPECT_TRUE(guest.replies.empty());
  ASSERT_EQ(guest.errors.size(), 1u);
  expect_prohibited(guest.errors[0]);
}

// Whoever takes another's address gets nothing of the other's verdict.
TEST_P(Policies, AFlowIsItsClientsAndNotItsAddresses) {
  start();
  world.control.devices.push_back({.id = 2, .device = "phone", .is_ingress = true});
  world.control.remake_identities();
  set_rules({{.name = "no phones", .who = {{SubjectKind::device, "phone"}}}}, Verdict::allow);
  ping_and_wait();
  ASSERT_EQ(client.replies.size(), 1u);
  Client thief(GetParam().client);
  thief.device = 2;
  world.ping(thief, origin, {7, 2});
  world.run_for(50ms);
  EXPECT_TRUE(thief.replies.empty());
  ASSERT_EQ(thief.errors.size(), 1u);
  expect_prohibited(thief.errors[0]);
}

TEST_P(Policies, AChangeOfGroupsIsAChangeOfPolicies) {
  start();
  set_rules({{.name = "ops", .who = {{SubjectKind::group, "ops"}}, .verdict = Verdict::allow}},
            Verdict::deny);
  ping();
  EXPECT_EQ(client.errors.size(), 1u);
  world.control.devices[0].groups = {"ops"};
  world.control.remake_identities();
  world.apply();
  ping_and_wait();
  EXPECT_EQ(client.replies.size(), 1u);
  ASSERT_EQ(log().size(), 2u);
  EXPECT_EQ(log()[1].verdict, Verdict::allow);
  EXPECT_EQ(log()[1].who->groups, std::vector<std::string>{"ops"});
}

TEST_P(Policies, TheFlowsOfARemovedClientGoWithHim) {
  start();
  ping();
  world.run_for(1ms);
  world.edge->remove_client(client);
  world.run_for(50ms);
  EXPECT_TRUE(client.replies.empty());
  EXPECT_EQ(to_client().dropped(DropReason::no_flow), 1u);
  ping_and_wait();
  EXPECT_EQ(client.replies.size(), 1u) << "he is back";
  EXPECT_EQ(log().size(), 2u) << "and his flow is a new one";
}

TEST_P(Policies, APacketOfARemovedClientIsCounted) {
  const edge::ClientRef ref = world.edge->client(client, 1);
  world.edge->remove_client(client);
  world.edge->edge.on_client_packet(client.request(world.edge->pool, origin, {7, 1}), ref,
                                    world.now);
  EXPECT_EQ(to_network().dropped(DropReason::link_down), 1u);
}

}  // namespace
}  // namespace oneping::sim
