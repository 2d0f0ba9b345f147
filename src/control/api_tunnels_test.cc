// Tunnels, their tokens and their connectors through the API.
#include <gtest/gtest.h>

#include "control/testing/api_case.h"

namespace oneping::control {
namespace {

using std::chrono::minutes;
using testing::broken_promise;
using testing::FurnishedWorld;
using testing::run;

TEST(ApiTunnels, Tunnels) {
  run({
      {"list", "GET", "/tunnels", nullptr, 200, "\"name\":\"office\""},
      {"show", "GET", "/tunnels/office", nullptr, 200, "\"route_prefixes\":[\"10.0.0.0/8\",\"10.1"},
      {"by id", "GET", "/tunnels/53", nullptr, 200, "\"name\":\"office\""},
      {"no such", "GET", "/tunnels/cellar", nullptr, 404, "there is no tunnel \\\"cellar\\\""},
      {"no such id", "GET", "/tunnels/52", nullptr, 404},
      {"an id beyond all", "GET", "/tunnels/99999999999999999999", nullptr, 404},
      {"no such UUID", "GET", "/tunnels/00000000-0000-4000-8000-000000000000", nullptr, 404},
      {"make", "POST", "/tunnels", R"({"name": "new", "comment": "c"})", 201,
       "\"has_token\":false"},
      {"name taken", "POST", "/tunnels", R"({"name": "office"})", 409, "already", "name"},
      {"bad name", "POST", "/tunnels", R"({"name": "a b"})", 422, "", "name"},
      {"name like an id", "POST", "/tunnels", R"({"name": "17"})", 422, "", "name"},
      {"name of a wrong type", "POST", "/tunnels", R"({"name": 17})", 400, "must be text", "name"},
      {"the server's field", "POST", "/tunnels", R"({"name": "x", "uuid": "y"})", 400, "", "uuid"},
      {"bad comment", "POST", "/tunnels", R"({"name": "x", "comment": "a\nb"})", 422, "",
       "comment"},
      {"rename", "PATCH", "/tunnels/office", R"({"name": "hq"})", 200, "\"name\":\"hq\""},
      {"to its own name", "PATCH", "/tunnels/office", R"({"name": "office"})", 200},
      {"to another's name", "PATCH", "/tunnels/office", R"({"name": "home"})", 409, "", "name"},
      {"clear the comment", "PATCH", "/tunnels/office", R"({"comment": null})", 200,
       "\"comment\":\"\""},
      {"make one that hides its path", "POST", "/tunnels",
       R"({"name": "new", "path": "single-hop"})", 201, "\"path\":\"single-hop\""},
      {"the path shows unless told", "POST", "/tunnels", R"({"name": "new"})", 201,
       "\"path\":\"full\""},
      {"hide the path", "PATCH", "/tunnels/office", R"({"path": "single-hop"})", 200,
       "\"path\":\"single-hop\""},
      {"another path", "PATCH", "/tunnels/office", R"({"path": "half"})", 422, "", "path"},
      {"no path", "PATCH", "/tunnels/office", R"({"path": null})", 400, "", "path"},
      {"change nothing", "PATCH", "/tunnels/office", "{}", 200},
      {"change what is not", "PATCH", "/tunnels/cellar", "{}", 404},
      {"delete", "DELETE", "/tunnels/home", nullptr, 204},
      {"delete with routes", "DELETE", "/tunnels/office", nullptr, 409, "has 2 routes"},
      {"with force", "DELETE", "/tunnels/office", nullptr, 204, "", "", {{"force", "true"}}},
      {"with force=no", "DELETE", "/tunnels/office", nullptr, 400, "", "force", {{"force", "no"}}},
      {"delete what is not", "DELETE", "/tunnels/cellar", nullptr, 404},
      {"first token", "POST", "/tunnels/home/token", nullptr, 200, "\"token\":\"ey"},
      {"second token", "POST", "/tunnels/office/token", nullptr, 409, "rotate"},
      {"token of what is not", "POST", "/tunnels/cellar/token", nullptr, 404},
      {"token with an empty body", "POST", "/tunnels/home/token", "{}", 200},
      {"token with a body", "POST", "/tunnels/home/token", R"({"token": "x"})", 400},
      {"rotate", "POST", "/tunnels/office/rotate", nullptr, 200, "\"token\":\"ey"},
      {"rotate with grace", "POST", "/tunnels/office/rotate", R"({"grace_ms": 1000})", 200},
      {"too much grace", "POST", "/tunnels/office/rotate", R"({"grace_ms": 2592000001})", 422, "",
       "grace_ms"},
      {"grace below nothing", "POST", "/tunnels/office/rotate", R"({"grace_ms": -1})", 422, "",
       "grace_ms"},
      {"grace in words", "POST", "/tunnels/office/rotate", R"({"grace_ms": "1h"})", 400, "",
       "grace_ms"},
      {"rotate without a token", "POST", "/tunnels/home/rotate", nullptr, 409, "no token yet"},
  });
}

TEST(ApiTunnels, ShowsTheConnectorsOfATunnel) {
  FurnishedWorld world;
  edge::TunnelStatus status;
  status.id = world.store.load()->tunnels[0].uuid;
  status.health = edge::TunnelHealth::degraded;
  status.uptime = minutes(5);
  status.connectors.push_back({.id = {7}, .wanted = 4, .icmp_reason = "no ping_group_range"});
  status.connectors[0].icmp_v6 = edge::IcmpState::unavailable;
  auto& connections = status.connectors[0].connections;
  connections.push_back({.index = 0,
                         .peer = *SocketAddress::parse("198.51.100.2:5000"),
                         .local = *SocketAddress::parse("[2001:db8::1]:7844"),
                         .version = "oneping 1.0",
                         .arch = "linux_amd64",
                         .features = {"support_datagram_v3_2"},
                         .datagram = tunnel::DatagramVersion::v3,
                         .age = minutes(4),
                         .rtt = std::chrono::microseconds(1500),
                         .datagrams_sent = 200,
                         .datagrams_lost = 10,
                         .mtu = 1280});
  connections.push_back(connections[0]);
  connections[1].index = 1;
  connections[1].rtt = std::chrono::microseconds(900);
  connections[1].datagrams_sent = 0;
  connections[1].datagrams_lost = 0;
  connections[1].is_silent = true;
  world.edge.status = {status};

  const ApiResponse response = world.ask("GET", "/tunnels/office");
  EXPECT_EQ(broken_promise("GET", "/tunnels/office", response), "");
  const Json tunnel = Json::parse(response.body);
  EXPECT_EQ(tunnel["status"], "degraded");
  EXPECT_EQ(tunnel["connectors"], 1);
  EXPECT_EQ(tunnel["connections"], 2);
  EXPECT_EQ(tunnel["rtt_ms"], 0.9);
  EXPECT_EQ(tunnel["uptime_ms"], 300'000.0);
  EXPECT_EQ(tunnel["last_connected"], timestamp_text(world.now));
  const Json& connector = tunnel["connector_list"][0];
  EXPECT_EQ(connector["version"], "oneping 1.0");
  EXPECT_EQ(connector["wanted"], 4);
  EXPECT_EQ(connector["icmp"], Json::parse(R"({"ipv4": "unknown", "ipv6": "unavailable",
                                               "reason": "no ping_group_range"})"));
  EXPECT_EQ(connector["connections"][0], Json::parse(R"({
      "index": 0, "peer": "198.51.100.2:5000", "local": "[2001:db8::1]:7844", "datagram": "v3",
      "rtt_ms": 1.5, "loss": 0.05, "datagrams_sent": 200, "datagrams_lost": 10, "mtu": 1280,
      "age_ms": 240000.0, "state": "ready"})"));
  EXPECT_EQ(connector["connections"][1]["state"], "silent");
  EXPECT_EQ(connector["connections"][1]["loss"], 0.0);
  EXPECT_EQ(world.json("GET", "/routes/56")["tunnel_status"], "degraded");
  EXPECT_EQ(world.json("GET", "/status")["connections"], 2);
}

TEST(ApiTunnels, ShowsTheHistory) {
  FurnishedWorld world;
  const auto ask = [&](std::multimap<std::string, std::string> query = {}) {
    const ApiResponse response = world.ask("GET", "/tunnels/office/history", nullptr, query);
    EXPECT_EQ(broken_promise("GET", "/tunnels/office/history", response), "");
    return Json::parse(response.body);
  };
  EXPECT_EQ(ask(), Json::parse(R"({"interval_ms": 60000, "samples": []})"));
  const Uuid uuid = world.control->read([](const Directory& directory) {
    return directory.tunnels().find(std::string_view("office"))->uuid;
  });
  edge::ConnectionStatus connection;
  connection.rtt = std::chrono::microseconds(1500);
  connection.datagrams_sent = 4;
  connection.datagrams_lost = 1;
  world.edge.status = {
      {.id = uuid,
       .health = edge::TunnelHealth::degraded,
       .uptime = {},
       .connectors = {{.id = {}, .icmp_reason = "", .connections = {connection}}}}};
  for (int second = 0; second <= 120; ++second) {
    world.control->sample_tunnels();
    world.now += std::chrono::seconds(1);
  }
  const Json history = ask();
  ASSERT_EQ(history["samples"].size(), 3u);
  EXPECT_EQ(history["samples"][0],
            Json::parse(R"({"time": "2026-11-21T00:00:00.000Z", "status": "degraded",
                            "connections": 1, "rtt_ms": 1.5, "loss": 0.25})"));
  EXPECT_EQ(ask({{"since", "2026-11-21T00:01:00Z"}})["samples"].size(), 2u);
  EXPECT_EQ(world.ask("GET", "/tunnels/nothing/history").status, 404);
  world.edge.is_busy = true;
  world.now += std::chrono::minutes(5);
  world.control->sample_tunnels();
  EXPECT_EQ(ask()["samples"].size(), 3u) << "what cannot be asked has no sample";
}

}  // namespace
}  // namespace oneping::control
