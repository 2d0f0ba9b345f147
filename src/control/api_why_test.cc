// Where a way dies, asked of the API: what is gathered from where, and how it is told.
#include <gtest/gtest.h>

#include "control/path_stream.h"
#include "control/testing/checked_api.h"

namespace oneping::control {
namespace {

using namespace std::chrono_literals;
using testing::FurnishedWorld;
using QueryMap = std::multimap<std::string, std::string>;

class ApiWhyTest : public FurnishedWorld, public ::testing::Test {
 protected:
  ApiWhyTest() {
    for (const char* vnet : {"default", "lab"}) {  // the laptop is in the second
      json("POST", "/routes", {{"prefix", "172.16.10.0/24"}, {"tunnel", "office"}, {"vnet", vnet}});
    }
    office = read_office();
    status_of_office(edge::TunnelHealth::healthy, edge::IcmpState::available);
    edge.path.hops = {{.ttl = 1,
                       .role = edge::HopRole::edge,
                       .address = IpAddress::parse("172.68.101.57"),
                       .sent = 3,
                       .average = 100us},
                      {.ttl = 2,
                       .role = edge::HopRole::destination,
                       .address = IpAddress::parse("172.16.10.120"),
                       .sent = 3,
                       .last = 2ms,
                       .average = 2ms}};
    edge.path.is_reached = edge.path.is_complete = true;
  }
  Uuid read_office() {
    return control->read([](const Directory& directory) {
      return directory.tunnels().find(std::string_view("office"))->uuid;
    });
  }
  void status_of_office(edge::TunnelHealth health, edge::IcmpState icmp) {
    edge::TunnelStatus status{.id = office, .health = health};
    edge::ConnectorStatus connector{
        .wanted = 1, .icmp_v4 = icmp, .icmp_reason = "the range is closed"};
    connector.connections.emplace_back();
    status.connectors.push_back(connector);
    edge.status = {status};
  }
  Json why(QueryMap query) {
    const ApiResponse response = ask("GET", "/why", nullptr, std::move(query));
    EXPECT_EQ(testing::broken_promise("GET", "/why", response), "") << response.body;
    return Json::parse(response.body);
  }

  Uuid office{};
};

TEST_F(ApiWhyTest, Reachable) {
  const Json answer = why({{"to", "172.16.10.120"}});
  EXPECT_EQ(answer["reachable"], true);
  EXPECT_EQ(answer["verdict"], "172.16.10.120 is reachable, 2.0 ms from the edge.");
  EXPECT_EQ(answer["fix"], nullptr);
  EXPECT_EQ(answer["hops"].size(), 2u);
  EXPECT_EQ(answer["hops"][1]["role"], "destination");
  EXPECT_EQ(answer["hops"][1]["avg_ms"], 2);
  ASSERT_EQ(edge.questions.size(), 1u);
  EXPECT_EQ(edge.questions[0].device, std::nullopt);
  EXPECT_EQ(edge.paths, 0) << "what was begun has ended";
}

TEST_F(ApiWhyTest, ADeviceIsAskedFor) {
  const Json answer = why({{"to", "172.16.10.120"}, {"from", "laptop"}});
  EXPECT_EQ(answer["cause"], "device_offline");
  const Id laptop = control->read([](const Directory& directory) {
    return directory.devices().find(std::string_view("laptop"))->id;
  });
  EXPECT_EQ(edge.questions.back().device, laptop);
  edge.live_sessions = {{.device = laptop, .rtt = 4ms}};
  const Json online = why({{"to", "172.16.10.120"}, {"from", "laptop"}});
  EXPECT_EQ(online["reachable"], true) << online.dump();
  EXPECT_EQ(online["legs"]["device_edge_ms"], 4);
  json("POST", "/devices/laptop/revoke");
  EXPECT_EQ(why({{"to", "172.16.10.120"}, {"from", "laptop"}})["cause"], "device_revoked");
}

TEST_F(ApiWhyTest, EachFactComesFromItsPlace) {
  EXPECT_EQ(why({{"to", "192.0.2.1"}})["cause"], "no_route");
  EXPECT_EQ(why({{"to", "db.office"}})["cause"], "unknown_name");
  names["db.office"] = {*IpAddress::parse("192.0.2.1"), *IpAddress::parse("172.16.10.120")};
  const Json named = why({{"to", "db.office"}});
  EXPECT_EQ(named["reachable"], true);
  EXPECT_EQ(named["address"], "172.16.10.120") << "one that a route leads to";

  status_of_office(edge::TunnelHealth::healthy, edge::IcmpState::unavailable);
  const Json closed = why({{"to", "172.16.10.120"}});
  EXPECT_EQ(closed["cause"], "icmp_unavailable");
  EXPECT_NE(closed["verdict"].get<std::string>().find("the range is closed"), std::string::npos);
  status_of_office(edge::TunnelHealth::down, edge::IcmpState::unknown);
  EXPECT_EQ(why({{"to", "172.16.10.120"}})["cause"], "connector_down");

  json("POST", "/policies", {{"name", "no-one"}, {"to", {"172.16.10.0/24"}}, {"verdict", "deny"}});
  json("POST", "/policies/no-one/move", {{"position", 1}});
  const Json denied = why({{"to", "172.16.10.120"}});
  EXPECT_EQ(denied["cause"], "policy_denied");
  EXPECT_EQ(denied["verdict"], "The policy \"no-one\" denies it.");
}

TEST_F(ApiWhyTest, APortIsAskedForToo) {
  edge.path.port = edge::PortReport{edge::Transport::tcp, 443, edge::PortReport::Outcome::refused,
                                    "Connection refused"};
  for (const QueryMap& query : {QueryMap{{"to", "172.16.10.120:443"}},
                                QueryMap{{"to", "172.16.10.120"}, {"port", "443"}}}) {
    const Json answer = why(query);
    EXPECT_EQ(answer["cause"], "port_closed");
    EXPECT_EQ(answer["address"], "172.16.10.120");
    ASSERT_TRUE(edge.questions.back().port);
    EXPECT_EQ(edge.questions.back().port->number, 443);
    EXPECT_EQ(edge.questions.back().port->transport, edge::Transport::tcp);
  }
  why({{"to", "172.16.10.120:53/udp"}});
  EXPECT_EQ(edge.questions.back().port->transport, edge::Transport::udp);
  // Policies about UDP are about UDP.
  json("POST", "/policies",
       {{"name", "no-names"},
        {"protocol", "udp"},
        {"to", {"172.16.10.0/24"}},
        {"ports", Json::array({53})},
        {"verdict", "deny"}});
  json("POST", "/policies/no-names/move", {{"position", 1}});
  EXPECT_EQ(why({{"to", "172.16.10.120:53/udp"}})["cause"], "policy_denied");
  EXPECT_EQ(why({{"to", "172.16.10.120:53"}})["cause"], "port_closed");
}

TEST_F(ApiWhyTest, APortThatIsAllowedWherePingsAreNot) {
  json("POST", "/policies",
       {{"name", "vpn"}, {"verdict", "allow"}, {"protocol", "udp"}, {"ports", {1194}}});
  json("PUT", "/policies/default", {{"verdict", "deny"}});
  edge.path.hops = {{.ttl = 1,
                     .role = edge::HopRole::edge,
                     .address = IpAddress::parse("172.68.101.57"),
                     .sent = 3,
                     .error = edge::HopReport::Error{3, 13}}};
  edge.path.is_reached = false;
  edge.path.port = {edge::Transport::udp, 1194, edge::PortReport::Outcome::silent, ""};
  const Json answer = why({{"to", "172.16.10.120:1194/udp"}});
  EXPECT_EQ(answer["cause"], "port_silent") << answer;
  edge.path.port->outcome = edge::PortReport::Outcome::open;
  EXPECT_EQ(why({{"to", "172.16.10.120:1194/udp"}})["cause"], "reachable");
}

TEST_F(ApiWhyTest, Refusals) {
  for (const char* port : {"0", "65536", "x", "443/sctp", ""}) {
    EXPECT_EQ(ask("GET", "/why", nullptr, {{"to", "10.0.0.1"}, {"port", port}}).status, 422)
        << port;
  }
  for (const char* to : {"10.0.0.1:0", "db.office:65536", "fd00::3:x"}) {
    EXPECT_EQ(ask("GET", "/why", nullptr, {{"to", to}}).status, 422) << to;
  }
  EXPECT_EQ(ask("GET", "/why").status, 400);
  EXPECT_EQ(ask("GET", "/why", nullptr, {{"to", "10.0.0.1"}, {"from", "nobody"}}).status, 422);
  EXPECT_EQ(ask("GET", "/why", nullptr, {{"to", "10.0.0.1"}, {"vnet", "nowhere"}}).status, 422);
  const QueryMap elsewhere = {{"to", "10.0.0.1"}, {"from", "laptop"}, {"vnet", "default"}};
  EXPECT_EQ(ask("GET", "/why", nullptr, elsewhere).status, 422) << "the laptop is in another";
  edge.is_busy = true;
  EXPECT_EQ(ask("GET", "/why", nullptr, {{"to", "172.16.10.120"}}).status, 503);
  EXPECT_EQ(ask("GET", "/path", nullptr, {{"to", "172.16.10.120"}}).status, 503);
}

TEST_F(ApiWhyTest, TheStreamTellsWhatChanges) {
  edge.path.is_complete = false;
  WhyInput input;
  input.to = "172.16.10.120";
  PathStream stream(std::move(*Diagnosis::start(*control, input, 1s, {})));
  const std::string first = *stream.news();
  EXPECT_NE(first.find("event: hop\ndata: {\"ttl\":1,"), std::string::npos) << first;
  EXPECT_NE(first.find("event: ping\ndata: {\"sequence\":3,\"rtt_ms\":2.0"), std::string::npos)
      << first;
  EXPECT_NE(first.find("event: verdict\ndata: {\"reachable\":true"), std::string::npos) << first;
  EXPECT_EQ(*stream.news(), "") << "nothing is new";

  ++edge.path.hops[1].sent;
  ++edge.path.hops[1].lost;
  const std::string loss = *stream.news();
  EXPECT_EQ(loss.find("\"ttl\":1,"), std::string::npos);
  EXPECT_NE(loss.find("\"sequence\":4,\"rtt_ms\":null"), std::string::npos) << loss;

  status_of_office(edge::TunnelHealth::down, edge::IcmpState::unknown);
  EXPECT_NE(stream.news()->find("connector_down"), std::string::npos);
  edge.is_busy = true;
  EXPECT_FALSE(stream.news());
}

TEST_F(ApiWhyTest, TheStreamIsAnEventStream) {
  ApiRequest request;
  request.method = "GET";
  request.path = "/api/v1/path";
  request.query = {{"to", "172.16.10.120"}};
  ApiResponse response = api->handle(request);
  EXPECT_EQ(response.content_type, "text/event-stream");
  ASSERT_NE(response.events, nullptr);
  EXPECT_EQ(edge.paths, 1);
  EXPECT_NE(response.events->next(1s)->find("event: hop"), std::string::npos);
  response.events.reset();
  EXPECT_EQ(edge.paths, 0);
}

}  // namespace
}  // namespace oneping::control
