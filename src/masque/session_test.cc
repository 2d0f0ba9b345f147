// Requests and CONNECT-IP sessions between a device and an edge that keep the rules.
#include <gtest/gtest.h>

#include "masque/connect_ip.h"
#include "masque/testing/ends.h"

namespace oneping::masque {
namespace {

using namespace testing;

class SessionTest : public MasqueTest {
 protected:
  HttpRequest post(const std::string& path, const std::string& body) {
    HttpRequest request;
    request.method = "POST";
    request.authority = "edge.example";
    request.path = path;
    request.fields = {{"content-type", "application/json"}};
    request.body = body;
    return request;
  }
};

TEST_F(SessionTest, RequestsAndTheirAnswers) {
  connect(device);
  const std::string body(5000, 'x');
  const auto first = device.client.request(post("/enroll", body));
  const auto second = device.client.request(post("/status", ""));
  ASSERT_TRUE(first);
  ASSERT_TRUE(second);
  ASSERT_TRUE(run_until([&] { return device.responses.size() == 2; }));
  const HttpResponse& answer = *device.responses[*first];
  EXPECT_EQ(answer.status, 201);
  EXPECT_EQ(answer.body, body);
  EXPECT_EQ(*find_field(answer.fields, "x-path"), "/enroll");
  EXPECT_EQ(device.responses[*second]->body, "");
  const HttpRequest& request = end().requests[0];
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.authority, "edge.example");
  EXPECT_EQ(*find_field(request.fields, "content-type"), "application/json");
  EXPECT_EQ(request.body, body);
}

TEST_F(SessionTest, AnswerComesLater) {
  edge.answers = false;
  connect(device);
  const auto stream = device.client.request(post("/enroll", "key"));
  ASSERT_TRUE(stream);
  ASSERT_TRUE(run_until([&] { return !end().requests.empty(); }));
  run(2s);
  at_edge().respond(end().request_streams[0], {200, {}, "certificate"});
  ASSERT_TRUE(run_until([&] { return device.responses.contains(*stream); }));
  EXPECT_EQ(device.responses[*stream]->body, "certificate");
}

TEST_F(SessionTest, BodiesAreBounded) {
  edge.options.max_body = 1000;
  connect(device);
  const auto fits = device.client.request(post("/a", std::string(1000, 'x')));
  const auto too_large = device.client.request(post("/b", std::string(1001, 'x')));
  ASSERT_TRUE(fits && too_large);
  ASSERT_TRUE(run_until([&] { return device.responses.size() == 2; }));
  EXPECT_TRUE(device.responses[*fits]);
  EXPECT_FALSE(device.responses[*too_large]);
  EXPECT_EQ(end().requests.size(), 1u);
  EXPECT_TRUE(device.closed.empty());
}

TEST_F(SessionTest, HeadsAreBounded) {
  edge.options.http.max_field_section = 2000;
  connect(device);
  HttpRequest request = post("/", "");
  request.fields.push_back({"x-large", std::string(2000, 'x')});
  const auto large = device.client.request(request);
  request.fields.assign(65, {"x-many", "1"});
  const auto many = device.client.request(request);
  const auto fits = device.client.request(post("/", ""));
  ASSERT_TRUE(run_until([&] { return device.responses.size() == 3; }));
  EXPECT_FALSE(device.responses[*large]);
  EXPECT_FALSE(device.responses[*many]);
  EXPECT_TRUE(device.responses[*fits]);
}

TEST_F(SessionTest, RequestsAtOnceAreBounded) {
  edge.options.http.max_requests = 4;
  edge.answers = false;
  connect(device);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(device.client.request(post("/", "")));
  run(500ms);
  EXPECT_EQ(end().requests.size(), 4u);
  EXPECT_EQ(device.responses.size(), 6u);
  for (const StreamId stream : end().request_streams) at_edge().respond(stream, {200, {}, ""});
  run(500ms);
  EXPECT_EQ(device.responses.size(), 10u);
  EXPECT_TRUE(device.client.request(post("/", "")));
  run(500ms);
  EXPECT_EQ(end().requests.size(), 5u) << "there is room again";
}

TEST_F(SessionTest, AddressesRoutesAndPackets) {
  establish();
  EXPECT_EQ(end().opened, 1);
  EXPECT_EQ(device.client.addresses(), edge.grant->addresses);
  EXPECT_EQ(AdvertisedRoutes(prefixes_of(device.client.routes())), edge.grant->routes);
  EXPECT_EQ(prefixes_of(device.client.routes()).size(), 2u);
  EXPECT_EQ(at_edge().grant(), *edge.grant);
  const auto up = octets("as if it were an IP packet, towards the edge");
  const auto down = octets("and back");
  EXPECT_EQ(send(device.client.link(), up), std::nullopt);
  EXPECT_EQ(send(at_edge().link(), down), std::nullopt);
  run(100ms);
  EXPECT_EQ(end().packets, std::vector<Octets>{up});
  EXPECT_EQ(device.packets, std::vector<Octets>{down});
  EXPECT_TRUE(end().lost.empty());
  EXPECT_TRUE(device.lost.empty());
}

TEST_F(SessionTest, EverySizeUpToTheLinksPassesAndNoOther) {
  establish();
  run(2s);
  const std::size_t max = device.client.link().max_packet_size();
  EXPECT_EQ(max, 1410u);
  EXPECT_EQ(at_edge().link().max_packet_size(), max);
  for (std::size_t size = 1; size <= max; size += size < 1270 ? 97 : 1) {
    ASSERT_EQ(send(device.client.link(), quic::testing::pattern(size)), std::nullopt);
    ASSERT_EQ(send(at_edge().link(), quic::testing::pattern(size)), std::nullopt);
    run(30ms);
    ASSERT_EQ(end().packets.back().size(), size);
    ASSERT_EQ(device.packets.back().size(), size);
  }
  EXPECT_EQ(send(device.client.link(), quic::testing::pattern(max + 1)), DropReason::too_big);
  EXPECT_EQ(send(at_edge().link(), quic::testing::pattern(max + 1)), DropReason::too_big);
}

TEST_F(SessionTest, UnderLossReorderingAndDuplication) {
  network.link.loss = 0.1;
  network.link.jitter = 20ms;
  network.link.duplication = 0.1;
  establish();
  EXPECT_EQ(device.client.addresses(), edge.grant->addresses);
  ASSERT_TRUE(run_until([&] { return !device.client.routes().empty(); }));
  for (int i = 0; i < 200; ++i) {
    std::ignore = send(device.client.link(), quic::testing::pattern(100));
    run(5ms);
  }
  EXPECT_GT(end().packets.size(), 150u);
}

TEST_F(SessionTest, LinkIsDownWithoutASession) {
  connect(device);
  EXPECT_EQ(send(device.client.link(), octets("x")), DropReason::link_down);
  EXPECT_EQ(device.client.link().max_packet_size(), 0u);
  EXPECT_EQ(send(at_edge().link(), octets("x")), DropReason::link_down);
  EXPECT_FALSE(at_edge().has_open_session());
}

TEST_F(SessionTest, ChangesArriveLive) {
  establish();
  run(1s);
  SessionGrant grant = *edge.grant;
  grant.routes = {prefix("10.0.0.0/8"), prefix("172.16.10.0/24")};
  at_edge().update_session(grant, network.now);
  run(100ms);
  EXPECT_EQ(device.changes, 1);
  EXPECT_EQ(prefixes_of(device.client.routes()),
            (std::vector{prefix("10.0.0.0/8"), prefix("172.16.10.0/24")}));
  EXPECT_EQ(device.client.addresses(), grant.addresses);

  grant.addresses = {prefix("100.96.0.9")};
  at_edge().update_session(grant, network.now);
  run(100ms);
  EXPECT_EQ(device.changes, 2);
  EXPECT_EQ(device.client.addresses(), grant.addresses);

  at_edge().update_session(grant, network.now);
  run(100ms);
  EXPECT_EQ(device.changes, 2) << "nothing changed";

  at_edge().update_session({}, network.now);
  run(100ms);
  EXPECT_EQ(device.changes, 4);
  EXPECT_TRUE(device.client.addresses().empty());
  EXPECT_TRUE(device.client.routes().empty());
  EXPECT_TRUE(device.session_ends.empty());
}

TEST_F(SessionTest, RefusalSaysWhy) {
  edge.grant = tl::unexpected(SessionRefusal{403, "the device 'laptop' is revoked"});
  connect(device);
  ASSERT_TRUE(device.client.open_session({"edge.example"}, network.now));
  ASSERT_TRUE(run_until([&] { return !device.session_ends.empty(); }));
  EXPECT_EQ(device.statuses[0], 403);
  EXPECT_EQ(device.session_ends[0],
            "the edge refused the session (status 403): the device 'laptop' is revoked");
  EXPECT_EQ(device.opened, 0);
  EXPECT_TRUE(end().session_ends.empty()) << "there was none";
  edge.grant = SessionGrant{{prefix("100.96.0.7")}, {}};
  open_session(device);
}

TEST_F(SessionTest, OneSessionAConnection) {
  establish();
  EXPECT_FALSE(device.client.open_session({"edge.example"}, network.now));
  EXPECT_EQ(end().session_requests, 1);
}

TEST_F(SessionTest, DeviceEndsIt) {
  establish();
  device.client.end_session();
  EXPECT_FALSE(device.client.has_open_session());
  ASSERT_TRUE(run_until([&] { return !end().session_ends.empty(); }));
  EXPECT_EQ(end().session_ends[0], "the device ended it");
  EXPECT_FALSE(at_edge().has_open_session());
  EXPECT_EQ(send(at_edge().link(), octets("x")), DropReason::link_down);
  EXPECT_TRUE(device.session_ends.empty()) << "it knows";
  device.opened = 0;
  open_session(device);  // and another one
}

TEST_F(SessionTest, EdgeEndsIt) {
  establish();
  at_edge().end_session();
  ASSERT_TRUE(run_until([&] { return !device.session_ends.empty(); }));
  EXPECT_EQ(device.session_ends[0], "the edge ended it");
  EXPECT_TRUE(device.client.addresses().empty());
  EXPECT_TRUE(device.client.routes().empty());
  EXPECT_EQ(send(device.client.link(), octets("x")), DropReason::link_down);
  run(1s);
  EXPECT_TRUE(end().session_ends.empty()) << "it knows";
  device.opened = 0;
  open_session(device);
}

TEST_F(SessionTest, EdgeEndsItWithinItsOwnPacket) {
  edge.when_packet = [](EdgeEnd& e) { e.server->end_session(); };
  establish();
  for (int i = 0; i < 3; ++i) std::ignore = send(device.client.link(), octets("x"));
  ASSERT_TRUE(run_until([&] { return !device.session_ends.empty(); }));
  EXPECT_EQ(end().packets.size(), 1u);
}

TEST_F(SessionTest, EdgeClosesWithinItsOwnPacket) {
  edge.when_packet = [](EdgeEnd& e) { e.server->close(H3Error::no_error, "revoked"); };
  establish();
  for (int i = 0; i < 3; ++i) std::ignore = send(device.client.link(), octets("x"));
  ASSERT_TRUE(run_until([&] { return !device.closed.empty(); }));
  EXPECT_EQ(device.closed[0].kind, quic::CloseKind::peer);
  EXPECT_EQ(device.closed[0].code, 0x100u);
  EXPECT_EQ(device.session_ends.size(), 1u);
  EXPECT_EQ(end().packets.size(), 1u);
}

TEST_F(SessionTest, ConnectionThatEndsEndsTheSession) {
  establish();
  device.client.close(H3Error::no_error, "bye");
  ASSERT_TRUE(run_until([&] { return !end().closed.empty(); }));
  ASSERT_EQ(end().session_ends.size(), 1u);
  EXPECT_EQ(end().session_ends[0], end().closed[0].reason);
}

TEST_F(SessionTest, GoawayLetsWhatRunsGoOn) {
  establish();
  at_edge().go_away();
  ASSERT_TRUE(run_until([&] { return device.goaways == 1; }));
  EXPECT_EQ(send(device.client.link(), octets("x")), std::nullopt);
  run(100ms);
  EXPECT_EQ(end().packets.size(), 1u);
  EXPECT_FALSE(device.client.request(post("/", "")));
  EXPECT_TRUE(device.session_ends.empty());
}

// A request that is on its way while the edge says that it takes no more.
TEST_F(SessionTest, RequestThatCrossesTheGoawayIsRejected) {
  connect(device);
  at_edge().go_away();
  const auto stream = device.client.request(post("/", ""));
  ASSERT_TRUE(stream);
  ASSERT_TRUE(run_until([&] { return device.responses.contains(*stream); }));
  EXPECT_FALSE(device.responses[*stream]);
  EXPECT_TRUE(end().requests.empty());
}

// RFC 9484, 4.7.2: an answer for each request, with its id.
TEST_F(SessionTest, OnlyTheFamiliesThatThereAre) {
  edge.grant->addresses = {prefix("100.96.0.7")};
  establish();
  EXPECT_EQ(device.client.addresses(), edge.grant->addresses) << "the IPv6 request was declined";
}

// RFC 9484, 10.1: IPv6 needs 1280 bytes.
TEST_F(SessionTest, NarrowPathRefusesIpv6) {
  network.link.max_udp_payload = 1300;
  connect(device);
  ASSERT_TRUE(device.client.open_session({"edge.example"}, network.now));
  const Time asked = network.now;
  ASSERT_TRUE(run_until([&] { return !device.session_ends.empty(); }));
  EXPECT_GE(network.now - asked, 4s) << "it takes a while to know";
  EXPECT_LE(network.now - asked, 6s);
  EXPECT_EQ(device.opened, 0);
  ASSERT_EQ(end().session_ends.size(), 1u);
  EXPECT_EQ(device.statuses[0], 503);
  EXPECT_EQ(device.session_ends[0],
            "the edge refused the session (status 503): "
            "IPv6 needs packets of 1280 bytes, and the path carries 1198");
}

TEST_F(SessionTest, NarrowPathIsWideEnoughForIpv4) {
  network.link.max_udp_payload = 1300;
  edge.grant = SessionGrant{{prefix("100.96.0.7")}, {prefix("172.16.10.0/24")}};
  establish();
  run(10s);
  EXPECT_EQ(device.client.link().max_packet_size(), 1198u);
  EXPECT_TRUE(device.session_ends.empty());
}

TEST_F(SessionTest, WidePathOpensWithinAFewRoundTrips) {
  connect(device);
  ASSERT_TRUE(device.client.open_session({"edge.example"}, network.now));
  const Time asked = network.now;
  ASSERT_TRUE(run_until([&] { return device.opened == 1; }));
  EXPECT_LE(network.now - asked, 100ms);
  EXPECT_GE(device.client.link().max_packet_size(), 1280u);
}

TEST_F(SessionTest, MoveKeepsThePromiseQuietly) {
  establish();
  run(2s);
  const SocketAddress elsewhere = address("203.0.113.9:41000");
  network.attach(elsewhere, client);
  ASSERT_TRUE(device.client.connection().migrate(elsewhere, network.now));
  EXPECT_EQ(device.client.link().max_packet_size(), 1280u);
  EXPECT_EQ(send(device.client.link(), quic::testing::pattern(1280)), DropReason::link_down);
  EXPECT_EQ(send(device.client.link(), quic::testing::pattern(1281)), DropReason::too_big);
  EXPECT_EQ(send(device.client.link(), quic::testing::pattern(100)), std::nullopt);
  run(1s);
  EXPECT_EQ(end().path_changes, 1);
  EXPECT_EQ(device.client.link().max_packet_size(), 1410u);
  EXPECT_EQ(send(device.client.link(), quic::testing::pattern(1280)), std::nullopt);
  run(6s);
  EXPECT_TRUE(device.session_ends.empty());
  EXPECT_EQ(end().packets.size(), 2u);
  EXPECT_FALSE(device.packet_sizes.empty());
}

TEST_F(SessionTest, MoveToANarrowPathEndsTheSession) {
  establish();
  run(2s);
  const SocketAddress elsewhere = address("203.0.113.9:41000");
  network.attach(elsewhere, client);
  network.link.max_udp_payload = 1300;
  ASSERT_TRUE(device.client.connection().migrate(elsewhere, network.now));
  ASSERT_TRUE(run_until([&] { return !device.session_ends.empty(); }));
  run(1s);
  EXPECT_EQ(end().session_ends.size(), 1u);
  EXPECT_FALSE(at_edge().has_open_session());
  EXPECT_FALSE(device.client.has_open_session());
  EXPECT_TRUE(device.closed.empty());
}

TEST_F(SessionTest, ManyRoutes) {
  std::vector<Prefix> routes;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    routes.emplace_back(IpAddress::v4(0x0a000000u + (i << 9)), 24);
  }
  for (int i = 0; i < 10000; ++i) {
    routes.push_back(prefix(("fd00:" + std::to_string(i) + "::/33").c_str()));
  }
  edge.grant->routes = AdvertisedRoutes(routes);
  establish();
  ASSERT_TRUE(run_until([&] { return !device.client.routes().empty(); }));
  EXPECT_EQ(prefixes_of(device.client.routes()), routes);
}

// Each is 100 kB, more than a connection may have unacknowledged all together.
TEST_F(SessionTest, ASlowDeviceIsToldTheNewestRoutes) {
  establish();
  SessionGrant grant = *edge.grant;
  std::vector<Prefix> routes;
  for (std::uint32_t i = 0; i < 10000; ++i) {
    routes.emplace_back(IpAddress::v4(0x0a000000u + (i << 9)), 24);
  }
  network.link.loss = 1;
  for (int change = 0; change < 100; ++change) {
    routes.back() = prefix(("192.168." + std::to_string(change) + ".0/24").c_str());
    grant.routes = AdvertisedRoutes(routes);
    at_edge().update_session(grant, network.now);
    run(10ms);
  }
  network.link.loss = 0;
  ASSERT_TRUE(run_until([&] { return device.client.routes().size() == routes.size(); }));
  ASSERT_TRUE(run_until([&] { return prefixes_of(device.client.routes()) == routes; }));
  EXPECT_LE(device.changes, 3);
  EXPECT_TRUE(end().session_ends.empty());
}

TEST(AdvertisedRoutes, OfTooManyTheFirstAreTold) {
  const std::vector<Prefix> prefixes = {prefix("10.0.0.0/8"), prefix("192.168.0.0/16"),
                                        prefix("fd00::/64"), prefix("fd02::/64")};
  const AdvertisedRoutes all(prefixes, 88);
  EXPECT_EQ(all.left_out(), 0u);
  EXPECT_EQ(all, AdvertisedRoutes(prefixes));
  const AdvertisedRoutes some(prefixes, 87);
  EXPECT_EQ(some.left_out(), 1u);
  EXPECT_EQ(some, AdvertisedRoutes(std::span(prefixes).first(3)));
}

TEST_F(SessionTest, ManyRequestsOneAfterTheOther) {
  connect(device);
  for (int i = 0; i < 300; ++i) {
    const auto stream = device.client.request(post("/", "body"));
    ASSERT_TRUE(stream) << i << ": " << stream.error().message;
    ASSERT_TRUE(run_until([&] { return device.responses.contains(*stream); }));
  }
  EXPECT_EQ(end().requests.size(), 300u);
}

}  // namespace
}  // namespace oneping::masque
