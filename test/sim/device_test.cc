// Devices at the edge: who gets a session, what he may send, and how it ends.
#include <gtest/gtest.h>

#include "masque/device_messages.h"
#include "masque/enrolment_key.h"
#include "test/sim/device.h"
#include "test/support/packet_builder.h"

namespace oneping::sim {
namespace {

using namespace std::chrono_literals;

IpAddress address(const char* text) { return IpAddress::parse(text).value(); }

class DeviceTest : public testing::Test {
 protected:
  DeviceTest() : world({.seed = 11}), laptop(world, 10), phone(world, 11) {
    world.control.devices.push_back(laptop.identity(2, "laptop"));
    world.control.devices.push_back(phone.identity(3, "phone"));
    apply();
    laptop.certify();
    phone.certify();
    world.start_connector();
    EXPECT_TRUE(world.run_until_ready());
    world.run_for(1s);
  }
  void TearDown() override { world.expect_counters_add_up(); }
  void apply() {
    world.control.remake_routing();
    world.control.remake_identities();
    world.apply();
  }
  edge::Identity& identity_of(edge::DeviceId id) {
    return *std::ranges::find(world.control.devices, id, &edge::Identity::id);
  }
  [[nodiscard]] const StageCounters& to_network() {
    return world.edge->edge.packets().to_network().packets;
  }
  masque::HttpRequest request(const char* method, std::string_view path, std::string body = {}) {
    masque::HttpRequest made;
    made.method = method;
    made.authority = "edge.oneping.internal";
    made.path = path;
    made.body = std::move(body);
    return made;
  }

  static std::string enrolment_key() { return masque::make_enrolment_key({1, 2, 3}, {}).text; }

  World world;
  Device laptop;
  Device phone;
  const IpAddress origins[2] = {address("172.16.10.120"), address("fd00:172:16:10::120")};
};

TEST_F(DeviceTest, PingsThroughItsSession) {
  ASSERT_TRUE(laptop.connect());
  for (const IpAddress& origin : origins) {
    for (std::uint16_t ttl = 1; ttl <= 3; ++ttl) {
      laptop.ping(origin, {7, ttl}, static_cast<std::uint8_t>(ttl));
    }
    laptop.ping(origin, {7, 64});
    world.run_for(100ms);
    const Client& client = laptop.of(origin);
    ASSERT_EQ(client.errors.size(), 2u) << "edge and connector";
    ASSERT_EQ(client.replies.size(), 2u);
    EXPECT_EQ(client.replies[1].hop_limit, 62);
  }
  EXPECT_EQ(world.edge->edge.devices().devices_online(), 1u);
  const auto sessions = world.edge->edge.sessions(world.now);
  ASSERT_EQ(sessions.size(), 1u);
  EXPECT_EQ(sessions[0].device, 2);
  EXPECT_EQ(sessions[0].peer, laptop.address);
  EXPECT_GT(sessions[0].rtt, 5ms);
  EXPECT_GE(sessions[0].mtu, 1280u);
}

TEST_F(DeviceTest, RoutesAndAddressesFollowTheControlPlane) {
  ASSERT_TRUE(laptop.connect());
  EXPECT_EQ(laptop.masque->addresses(), identity_of(2).addresses);
  const std::size_t before = laptop.masque->routes().size();
  EXPECT_GT(before, 0u);
  world.control.add_route("192.168.7.0/24", "sim");
  apply();
  world.run_for(500ms);
  EXPECT_EQ(laptop.masque->routes().size(), before + 1);
  world.control.remove_route("192.168.7.0/24");
  apply();
  world.run_for(500ms);
  EXPECT_EQ(laptop.masque->routes().size(), before);
  EXPECT_TRUE(laptop.session_ends.empty());

  identity_of(2).addresses = {Prefix(address("100.96.0.99"), 32)};
  apply();
  world.run_for(500ms);
  EXPECT_EQ(laptop.masque->addresses(), identity_of(2).addresses);
}

TEST_F(DeviceTest, ManyChangesAtOnceAreToldTogether) {
  ASSERT_TRUE(laptop.connect());
  for (int i = 0; i < 100; ++i) {
    world.control.add_route(("192.168." + std::to_string(2 * i) + ".0/24").c_str(), "sim");
    apply();
    world.run_for(5ms);
  }
  world.run_for(500ms);
  EXPECT_LE(laptop.changes, 5);
  EXPECT_GE(laptop.masque->routes().size(), 100u);
}

TEST_F(DeviceTest, ARevokedDeviceGoesAtOnceAndCannotComeBack) {
  ASSERT_TRUE(laptop.connect());
  identity_of(2).revoked = true;
  apply();
  laptop.ping(origins[0], {7, 1});
  world.run_for(300ms);
  ASSERT_EQ(laptop.closed.size(), 1u);
  EXPECT_EQ(laptop.closed[0].kind, quic::CloseKind::peer);
  EXPECT_NE(laptop.closed[0].reason.find("the device laptop has been revoked"), std::string::npos)
      << laptop.closed[0].reason;
  EXPECT_TRUE(laptop.v4.replies.empty());
  EXPECT_EQ(world.edge->edge.devices().devices_online(), 0u);

  EXPECT_FALSE(laptop.connect());
  ASSERT_FALSE(laptop.session_ends.empty());
  EXPECT_EQ(laptop.session_ends.back().first, 403);
  EXPECT_NE(laptop.session_ends.back().second.find("has been revoked"), std::string::npos);
  EXPECT_EQ(world.edge->edge.devices().sessions_refused(), 1u);

  identity_of(2).revoked = false;
  apply();
  EXPECT_TRUE(laptop.connect());
  EXPECT_EQ(world.observer.devices,
            (std::vector<std::pair<edge::DeviceId, bool>>{{2, true}, {2, false}, {2, true}}));
}

TEST_F(DeviceTest, ADeletedDeviceIsNobody) {
  ASSERT_TRUE(laptop.connect());
  std::erase_if(world.control.devices, [](const auto& device) { return device.id == 2; });
  apply();
  world.run_for(300ms);
  EXPECT_EQ(laptop.closed.size(), 1u);
  EXPECT_FALSE(laptop.connect());
  EXPECT_EQ(laptop.session_ends.back().first, 401);
}

TEST_F(DeviceTest, WithoutACertificateThereIsNoSession) {
  laptop.certificate_pem.clear();
  EXPECT_FALSE(laptop.connect());
  ASSERT_EQ(laptop.session_ends.size(), 1u);
  EXPECT_EQ(laptop.session_ends[0].first, 401);
  EXPECT_TRUE(world.run_until([&] { return !laptop.closed.empty(); }, 15s)) << "it must not stay";
}

TEST_F(DeviceTest, ASourceThatIsNotItsOwnIsRefusedAndTold) {
  ASSERT_TRUE(laptop.connect());
  ASSERT_TRUE(phone.connect());
  // An address of nobody, and that of the other device, whose flow is alive.
  for (const IpAddress& origin : origins) {
    phone.ping(origin, {7, 1});
    world.run_for(50ms);
    ASSERT_EQ(phone.of(origin).replies.size(), 1u);
    const std::uint64_t before = to_network().answered(DropReason::source_refused);
    Client stranger(origin.is_v4() ? "10.1.1.1" : "fd99::1");
    laptop.send(stranger.request(laptop.pool, origin, {7, 2}));
    laptop.send(stranger.request(laptop.pool, origin, {7, 3}, 1));  // nor as a hop
    laptop.send(phone.of(origin).request(laptop.pool, origin, {7, 4}));
    // The answer goes to that source, by the session that it came from: a device may look at it.
    std::vector<std::vector<std::uint8_t>> answers;
    laptop.when_packet = [&](Bytes packet) { answers.emplace_back(packet.begin(), packet.end()); };
    world.run_for(100ms);
    laptop.when_packet = nullptr;
    EXPECT_EQ(to_network().answered(DropReason::source_refused), before + 3);
    ASSERT_EQ(answers.size(), 3u);
    for (const auto& answer : answers) {
      const auto ip = IpView::parse(answer).value();
      const auto icmp = IcmpView::parse(ip).value();
      EXPECT_EQ(icmp.type, origin.is_v4() ? 3 : 1);
      EXPECT_EQ(icmp.code, origin.is_v4() ? 13 : 5);
    }
    EXPECT_EQ(phone.of(origin).replies.size(), 1u) << "nothing came of it";
    EXPECT_TRUE(phone.of(origin).errors.empty());
  }
}

TEST_F(DeviceTest, OnlyEchoRequestsGoIn) {
  ASSERT_TRUE(laptop.connect());
  ASSERT_TRUE(phone.connect());
  phone.ping(origins[0], {7, 1});
  world.run_for(50ms);
  // An echo reply to the other device, from its own address: nobody's flow.
  auto reply =
      make_echo(laptop.pool, EchoType::reply,
                {.source = laptop.v4.address, .destination = phone.v4.address}, {7, 1}, {});
  int answers = 0;
  laptop.when_packet = [&](Bytes) { ++answers; };
  laptop.send(std::move(*reply));
  world.run_for(50ms);
  EXPECT_EQ(to_network().answered(DropReason::not_echo_request), 1u);
  EXPECT_EQ(phone.v4.replies.size(), 1u);
  EXPECT_EQ(answers, 1) << "it is told";
}

TEST_F(DeviceTest, TwoDevicesWithOneEchoId) {
  ASSERT_TRUE(laptop.connect());
  ASSERT_TRUE(phone.connect());
  for (const IpAddress& origin : origins) {
    for (std::uint16_t i = 1; i <= 1000; ++i) {
      laptop.ping(origin, {7, i});
      phone.ping(origin, {7, i});
      if (i % 10 == 0) world.run_for(2ms);
    }
    world.run_for(200ms);
    EXPECT_EQ(laptop.of(origin).replies.size(), 1000u);
    EXPECT_EQ(phone.of(origin).replies.size(), 1000u);
  }
}

TEST_F(DeviceTest, AReplyGoesToTheSessionThatAsked) {
  Device beside(world, 10);  // the same device, from another port: its tools beside its TUN
  beside.address.port = 50001;
  beside.key = laptop.key;
  beside.certificate_pem = laptop.certificate_pem;
  ASSERT_TRUE(laptop.connect());
  ASSERT_TRUE(beside.connect());
  EXPECT_EQ(world.edge->edge.devices().devices_online(), 1u);
  laptop.ping(origins[0], {7, 1});
  beside.ping(origins[0], {8, 1});
  world.run_for(100ms);
  ASSERT_EQ(laptop.v4.replies.size(), 1u);
  EXPECT_EQ(laptop.v4.replies[0].identity.id, 7);
  ASSERT_EQ(beside.v4.replies.size(), 1u);
  EXPECT_EQ(beside.v4.replies[0].identity.id, 8);
}

TEST_F(DeviceTest, PacketsASecondAreLimited) {
  edge::EdgeConfig config = edge_config(world.options);
  config.device_limits.packets_per_second = 100;
  world.edge->edge.reconfigure(config);
  ASSERT_TRUE(laptop.connect());
  ASSERT_TRUE(phone.connect());
  for (std::uint16_t i = 1; i <= 250; ++i) laptop.ping(origins[0], {7, i});
  phone.ping(origins[0], {7, 1});
  world.run_for(100ms);
  EXPECT_GE(laptop.v4.replies.size(), 100u);
  EXPECT_LE(laptop.v4.replies.size(), 115u);
  EXPECT_EQ(laptop.v4.replies.size() + laptop.v4.errors.size(), 250u) << "each has its answer";
  EXPECT_EQ(laptop.v4.errors[0].type, 3);
  EXPECT_EQ(laptop.v4.errors[0].code, 13);
  EXPECT_EQ(to_network().answered(DropReason::device_rate_limit), laptop.v4.errors.size());
  EXPECT_EQ(phone.v4.replies.size(), 1u) << "who is within his limit notices nothing";
}

TEST_F(DeviceTest, FlowsAreLimitedAndComeBack) {
  edge::EdgeConfig config = edge_config(world.options);
  config.device_limits.flows = 10;
  world.edge->edge.reconfigure(config);
  ASSERT_TRUE(laptop.connect());
  for (std::uint16_t id = 1; id <= 15; ++id) laptop.ping(origins[0], {id, 1});
  world.run_for(100ms);
  EXPECT_EQ(laptop.v4.replies.size(), 10u);
  EXPECT_EQ(laptop.v4.errors.size(), 5u);
  EXPECT_EQ(to_network().answered(DropReason::device_flow_limit), 5u);
  laptop.ping(origins[0], {1, 2});
  world.run_for(100ms);
  EXPECT_EQ(laptop.v4.replies.size(), 11u) << "flows that there are go on";
  world.run_for(61s);
  laptop.ping(origins[0], {99, 1});
  world.run_for(100ms);
  EXPECT_EQ(laptop.v4.replies.size(), 12u) << "old ones have made room";
}

TEST_F(DeviceTest, HopsOfAWay) {
  laptop.dial(false);
  const auto answer = laptop.ask(request("GET", masque::hops_path(origins[0])));
  EXPECT_EQ(answer.status, 200);
  const auto hops = masque::parse_hops_answer(answer.body);
  ASSERT_TRUE(hops) << answer.body;
  ASSERT_EQ(hops->hops.size(), 2u);
  EXPECT_EQ(hops->hops[0].role, "edge");
  EXPECT_EQ(hops->hops[0].addresses,
            (std::vector{address("172.68.101.57"), address("fd00:172:68:101::57")}));
  EXPECT_EQ(hops->hops[1].role, "connector");
  ASSERT_TRUE(hops->hops[1].rtt);
  EXPECT_GE(*hops->hops[1].rtt, 10ms);
  EXPECT_EQ(hops->tunnel, "sim");
  EXPECT_EQ(hops->status, "healthy");
  const auto nowhere = laptop.ask(request("GET", masque::hops_path(address("10.99.0.1"))));
  EXPECT_EQ(masque::parse_hops_answer(nowhere.body)->hops.size(), 1u);
  EXPECT_EQ(masque::parse_hops_answer(nowhere.body)->tunnel, std::nullopt);
  world.control.by_default = Verdict::deny;
  world.control.remake_policies();
  world.apply();
  const auto denied = laptop.ask(request("GET", masque::hops_path(origins[0])));
  EXPECT_EQ(masque::parse_hops_answer(denied.body)->hops.size(), 1u);
  EXPECT_EQ(masque::parse_hops_answer(denied.body)->tunnel, std::nullopt);
}

struct Refused {
  const char* name;
  const char* method;
  std::string_view path;
  const char* body;
  int status;
};
TEST_F(DeviceTest, RequestsThatAreNone) {
  laptop.certificate_pem.clear();
  laptop.dial(false);
  for (const Refused& c : {
           Refused{"no such path", "GET", "/", "", 404},
           Refused{"wrong method", "GET", masque::kEnrolPath, "", 405},
           Refused{"wrong method", "POST", masque::kHopsPath, "", 405},
           Refused{"not enrolled", "POST", masque::kRenewPath, R"({"csr":"x"})", 401},
           Refused{"not enrolled", "GET", "/.well-known/oneping/path?to=10.0.0.1", "", 401},
           Refused{"no JSON", "POST", masque::kEnrolPath, "key", 400},
           Refused{"no key", "POST", masque::kEnrolPath, R"({"csr":"x"})", 400},
           Refused{"a damaged key", "POST", masque::kEnrolPath, R"({"key":"opk_x","csr":"x"})",
                   400},
       }) {
    const auto answer = laptop.ask(request(c.method, c.path, c.body));
    EXPECT_EQ(answer.status, c.status) << c.name;
    EXPECT_TRUE(masque::parse_error(answer.body)) << c.name << ": " << answer.body;
  }
}

TEST_F(DeviceTest, EnrolmentIsTheRegistrarsAndMayTakeItsTime) {
  laptop.certificate_pem.clear();
  laptop.dial(false);
  const auto enrol =
      request("POST", masque::kEnrolPath,
              masque::to_json(masque::EnrolRequest{enrolment_key(), "CSR", "laptop"}));
  world.registrar.answer = {"laptop", 2, "PEM", {}};
  const auto answer = laptop.ask(enrol);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(masque::parse_enrol_answer(answer.body)->device, "laptop");
  EXPECT_EQ(world.registrar.asked.back().key, enrolment_key());

  world.registrar.answer = tl::make_unexpected(edge::RegistrarRefusal{403, "it is used"});
  const auto refused = laptop.ask(enrol);
  EXPECT_EQ(refused.status, 403);
  EXPECT_EQ(masque::parse_error(refused.body), "it is used");

  // The device has gone when the answer comes.
  world.registrar.is_slow = true;
  ASSERT_TRUE(laptop.masque->request(enrol));
  world.run_for(100ms);
  laptop.masque->close(masque::H3Error::no_error, "");
  world.run_for(1s);
  world.registrar.answer_all();
  world.run_for(1s);
}

TEST_F(DeviceTest, StrangersNeverKeepDevicesOut) {
  std::vector<std::unique_ptr<Device>> strangers;
  for (int i = 0; i < 300; ++i) {
    strangers.push_back(std::make_unique<Device>(world, 20));
    strangers.back()->address.port = static_cast<std::uint16_t>(51000 + i);
    strangers.back()->dial(false);
    if (i % 20 == 0) world.run_for(20ms);
  }
  world.run_for(200ms);
  EXPECT_LE(world.edge->edge.devices().connections(), 256u);
  EXPECT_TRUE(laptop.connect());
  world.run_for(15s);
  EXPECT_EQ(world.edge->edge.devices().connections(), 1u) << "who wants nothing is sent away";
}

TEST_F(DeviceTest, AStrangerIsSentAwayHoweverOftenHeAsks) {
  Device stranger(world, 20);
  stranger.dial(false);
  world.run_for(200ms);
  for (int i = 0; i < 20 && stranger.closed.empty(); ++i) {
    std::ignore = stranger.masque->request(request("GET", "/x"));
    world.run_for(1s);
  }
  EXPECT_EQ(stranger.closed.size(), 1u);
}

TEST_F(DeviceTest, StrangersMakeWayBeforeADeviceThatWaits) {
  laptop.dial(false);
  world.run_for(200ms);
  std::vector<std::unique_ptr<Device>> strangers;
  for (int i = 0; i < 300; ++i) {
    strangers.push_back(std::make_unique<Device>(world, 20));
    strangers.back()->address.port = static_cast<std::uint16_t>(51000 + i);
    strangers.back()->dial(false);
    world.run_for(5ms);
  }
  world.run_for(200ms);
  EXPECT_TRUE(laptop.closed.empty());
  EXPECT_FALSE(strangers.front()->closed.empty());
}

// Whenever it comes: also between the grant of a session and the proof of its path.
TEST_F(DeviceTest, NewsWhileASessionBeginsIsNotMissed) {
  std::size_t routes = world.control.routes.size();
  for (Duration moment = 0ms; moment < 60ms; moment += 2ms) {
    laptop.dial();
    world.run_for(moment);
    const std::string route = "192.168." + std::to_string(moment / 1ms) + ".0/24";
    world.control.add_route(route.c_str(), "sim");
    apply();
    world.run_for(1s);
    ++routes;
    ASSERT_TRUE(laptop.masque->has_open_session()) << moment / 1ms;
    EXPECT_EQ(laptop.masque->routes().size(), routes) << moment / 1ms;
    laptop.masque->close(masque::H3Error::no_error, "");
    world.run_for(500ms);
  }
}

TEST_F(DeviceTest, RevokedWhileItsSessionBeginsItHasNone) {
  for (Duration moment = 0ms; moment < 60ms; moment += 2ms) {
    identity_of(2).revoked = false;
    apply();
    laptop.dial();
    world.run_for(moment);
    identity_of(2).revoked = true;
    apply();
    world.run_for(1s);
    EXPECT_EQ(world.edge->edge.devices().devices_online(), 0u) << moment / 1ms;
    if (laptop.closed.empty()) laptop.masque->close(masque::H3Error::no_error, "");
    laptop.closed.clear();
    world.run_for(500ms);
  }
}

TEST_F(DeviceTest, EnrolmentsOfOneAddressDoNotKeepOthersOut) {
  Device stranger(world, 20);
  stranger.dial(false);
  laptop.certificate_pem.clear();
  laptop.dial(false);
  world.run_for(200ms);
  world.registrar.answer = {"laptop", 2, "PEM", {}};
  const auto enrol = request("POST", masque::kEnrolPath,
                             masque::to_json(masque::EnrolRequest{enrolment_key(), "CSR", "x"}));
  for (int i = 0; i < 200; ++i) {
    std::ignore = stranger.masque->request(enrol);
    world.run_for(5ms);
  }
  EXPECT_LT(world.registrar.asked.size(), 60u);
  EXPECT_EQ(laptop.ask(enrol).status, 200);
}

TEST_F(DeviceTest, AnEdgeThatIsKilledKnowsItsDevicesAgain) {
  ASSERT_TRUE(laptop.connect());
  world.kill_edge();
  world.start_edge();
  laptop.ping(origins[0], {7, 1});  // to a connection that the edge has forgotten
  ASSERT_TRUE(world.run_until([&] { return !laptop.closed.empty(); }, 2s));
  EXPECT_EQ(laptop.closed[0].kind, quic::CloseKind::reset);
  world.run_for(5s);  // the connector is back, too
  ASSERT_TRUE(laptop.connect());
  laptop.ping(origins[0], {7, 2});
  world.run_for(200ms);
  EXPECT_EQ(laptop.v4.replies.size(), 1u);
}

TEST_F(DeviceTest, ASilentDeviceIsOfflineAfterItsIdleTime) {
  ASSERT_TRUE(laptop.connect());
  world.network.cut(laptop.address, true);
  world.run_for(29s);
  EXPECT_EQ(world.edge->edge.devices().devices_online(), 1u);
  world.run_for(5s);
  EXPECT_EQ(world.edge->edge.devices().devices_online(), 0u);
}

}  // namespace
}  // namespace oneping::sim
