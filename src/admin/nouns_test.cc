// Each command of the nouns: what it asks the API for, and what it says.

#include <gtest/gtest.h>

#include "admin/testing/command_line.h"

namespace oneping::admin {
namespace {

TEST(TunnelCommands, AskAndTell) {
  const CommandCase cases[] = {
      {"tunnel create office --comment 'Head office'",
       {{"POST /tunnels", R"({"id":2,"name":"office"})"}},
       {R"(POST /tunnels {"name":"office","comment":"Head office"})"},
       "Made tunnel office. Its token: oneping tunnel token office\n"},
      {"tunnel create office -o json",
       {{"POST /tunnels", R"({"id":2,"name":"office"})"}},
       {R"(POST /tunnels {"name":"office"})"},
       "{\"id\":2,\"name\":\"office\"}\n"},
      {"tunnel list",
       {{"GET /tunnels?limit=1000",
         R"({"items":[{"name":"office","status":"healthy","connectors":1,"connections":4,)"
         R"("rtt_ms":12.34,"uptime_ms":273600000,"routes":10},{"name":"b","status":"inactive",)"
         R"("connectors":0,"connections":0,"rtt_ms":null,"uptime_ms":null,"routes":0}],)"
         R"("next":null})"}},
       {"GET /tunnels?limit=1000"},
       "NAME    STATUS    CONNECTORS  CONNECTIONS      RTT  UPTIME  ROUTES\n"
       "office  healthy            1            4  12.3 ms    3d4h      10\n"
       "b       inactive           0            0        -       -       0\n"},
      {"tunnel list",
       {{"GET /tunnels?limit=1000", R"({"items":[],"next":null})"}},
       {"GET /tunnels?limit=1000"},
       "",
       "no tunnels\n"},
      {"tunnel list -o json",
       {{"GET /tunnels?limit=1000", R"({"items":[],"next":null})"}},
       {"GET /tunnels?limit=1000"},
       "{\"schema\":1,\"items\":[]}\n"},
      {"tunnel rename office berlin",
       {{"PATCH /tunnels/office", R"({"name":"berlin"})"}},
       {R"(PATCH /tunnels/office {"name":"berlin"})"},
       "Tunnel office is now berlin.\n"},
      {"tunnel create lab --path single-hop --comment c",
       {{"POST /tunnels", R"({"name":"lab"})"}},
       {R"(POST /tunnels {"name":"lab","path":"single-hop","comment":"c"})"},
       "Made tunnel lab. Its token: oneping tunnel token lab\n"},
      {"tunnel update office --path full",
       {{"PATCH /tunnels/office", R"({"name":"office"})"}},
       {R"(PATCH /tunnels/office {"path":"full"})"},
       "Tunnel office is changed.\n"},
      {"tunnel delete 'a b/c'",
       {{"DELETE /tunnels/a%20b%2Fc", ""}},
       {"DELETE /tunnels/a%20b%2Fc"},
       "Deleted tunnel a b/c.\n"},
      {"tunnel delete office --force -o json",
       {{"DELETE /tunnels/office?force=true", ""}},
       {"DELETE /tunnels/office?force=true"},
       ""},
      {"tunnel info office -o json",
       {{"GET /tunnels/office", R"({"name":"office","comment":"B\u00fcro \u001b[31m\u009b"})"}},
       {"GET /tunnels/office"},
       "{\"name\":\"office\",\"comment\":\"B\\u00fcro \\u001b[31m\\u009b\"}\n"},
  };
  for (const auto& c : cases) expect(c);
}

TEST(TunnelCommands, InfoShowsEachConnectorAndConnection) {
  expect(
      {"tunnel info office",
       {{"GET /tunnels/office", R"({
         "id": 2, "name": "office", "uuid": "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
         "has_token": true, "status": "degraded", "connectors": 1, "connections": 2,
         "rtt_ms": 0.5, "uptime_ms": 61000, "routes": 11,
         "route_prefixes": ["10.0.0.0/16", "fd00::/8"],
         "path": "full", "created": "2026-11-21T23:28:14.000Z", "last_connected": null, "comment": "a\nb",
         "connector_list": [{
           "id": "7ba7b810-9dad-41d1-80b4-00c04fd430c8", "version": "0.1.0",
           "arch": "linux_amd64", "features": ["a", "b", "connections=4"], "wanted": 4,
           "icmp": {"ipv4": "available", "ipv6": "unavailable", "reason": "no ping socket"},
           "udp": "packets", "connections": [
             {"index": 0, "peer": "192.0.2.1:40000", "local": "192.0.2.2:7844",
              "datagram": "v3", "rtt_ms": 0.5, "loss": 0.0125, "datagrams_sent": 800,
              "datagrams_lost": 10, "mtu": 1280, "age_ms": 61000, "state": "ready"},
             {"index": 1, "peer": "[2001:db8::1]:40000", "local": "[2001:db8::2]:7844",
              "datagram": "v2", "rtt_ms": 20, "loss": 0, "datagrams_sent": 8,
              "datagrams_lost": 0, "mtu": 1280, "age_ms": 500, "state": "silent"}]}]})"}},
       {"GET /tunnels/office"},
       "Name            office\n"
       "UUID            6ba7b810-9dad-41d1-80b4-00c04fd430c8\n"
       "Status          degraded\n"
       "Has a token     yes\n"
       "Connectors      1\n"
       "Connections     2\n"
       "RTT             0.50 ms\n"
       "Uptime          1m1s\n"
       "Routes          11: 10.0.0.0/16, fd00::/8, …\n"
       "Path            full\n"
       "Created         2026-11-21T23:28:14+00:00\n"
       "Last connected  -\n"
       "Comment         a\\nb\n"
       "\n"
       "Connector    7ba7b810-9dad-41d1-80b4-00c04fd430c8\n"
       "Version      0.1.0\n"
       "System       linux_amd64\n"
       "Features     a, b\n"
       "Connections  2 of 4\n"
       "ICMP IPv4    available\n"
       "ICMP IPv6    unavailable: no ping socket\n"
       "UDP          packets\n"
       "  #  PEER                 LOCAL               STATE   DATAGRAM      RTT   LOSS  SENT  LOST"
       "   MTU    AGE\n"
       "  0  192.0.2.1:40000      192.0.2.2:7844      ready   v3        0.50 ms  1.25%   800    10"
       "  1280   1m1s\n"
       "  1  [2001:db8::1]:40000  [2001:db8::2]:7844  silent  v2        20.0 ms  0.00%     8     0"
       "  1280  500ms\n"});
}

TEST(RouteCommands, AskAndTell) {
  const std::string route =
      R"({"id":7,"prefix":"10.0.0.0/8","tunnel":"office","vnet":"default","comment":"",)"
      R"("tunnel_status":"down"})";
  const std::string routes = R"({"items":[)" + route + R"(],"next":null})";
  const std::string none = R"({"items":[],"next":null})";
  const CommandCase cases[] = {
      {"route add 10.0.0.0/8 office --vnet default --comment all",
       {{"POST /routes", route}},
       {R"(POST /routes {"prefix":"10.0.0.0/8","tunnel":"office","vnet":"default","comment":"all"})"},
       "10.0.0.0/8 in virtual network default leads to tunnel office.\n"},
      {"route list --tunnel office --vnet default --within 10.0.0.0/8 --limit 5",
       {{"GET /routes?tunnel=office&vnet=default&within=10.0.0.0%2F8&limit=5", routes}},
       {"GET /routes?tunnel=office&vnet=default&within=10.0.0.0%2F8&limit=5"},
       "PREFIX      TUNNEL  STATUS  VNET     COMMENT\n"
       "10.0.0.0/8  office  down    default  -\n"},
      {"route get 10.1.2.3 --vnet b",
       {{"GET /routes/lookup?address=10.1.2.3&vnet=b",
         R"({"route":)" + route + R"(,"tunnel":"office","tunnel_status":"down"})"}},
       {"GET /routes/lookup?address=10.1.2.3&vnet=b"},
       "Prefix   10.0.0.0/8\nTunnel   office\nStatus   down\nVnet     default\nComment  -\n"},
      {"route get fd00::1",
       {{"GET /routes/lookup?address=fd00%3A%3A1", R"({"route":null,"tunnel":null})"}},
       {"GET /routes/lookup?address=fd00%3A%3A1"},
       "",
       "no route leads to fd00::1\n",
       1},
      {"route get fd00::1 -o json",
       {{"GET /routes/lookup?address=fd00%3A%3A1", R"({"route":null,"tunnel":null})"}},
       {"GET /routes/lookup?address=fd00%3A%3A1"},
       "{\"route\":null,\"tunnel\":null}\n",
       "",
       1},
      {"route move 10.0.0.0/8 office",
       {{"GET /routes?prefix=10.0.0.0%2F8&vnet=default&limit=1", routes},
        {"PATCH /routes/7", route}},
       {"GET /routes?prefix=10.0.0.0%2F8&vnet=default&limit=1",
        R"(PATCH /routes/7 {"tunnel":"office"})"},
       "10.0.0.0/8 in virtual network default leads to tunnel office.\n"},
      {"route delete 10.0.0.0/8 --vnet b",
       {{"GET /routes?prefix=10.0.0.0%2F8&vnet=b&limit=1", routes}, {"DELETE /routes/7", ""}},
       {"GET /routes?prefix=10.0.0.0%2F8&vnet=b&limit=1", "DELETE /routes/7"},
       "Deleted route 10.0.0.0/8 in virtual network default, which led to tunnel office.\n"},
      {"route delete 10.0.0.0/9",
       {{"GET /routes?prefix=10.0.0.0%2F9&vnet=default&limit=1", none}},
       {"GET /routes?prefix=10.0.0.0%2F9&vnet=default&limit=1"},
       "",
       "oneping: there is no route 10.0.0.0/9 in virtual network default: see `oneping route list "
       "--within 10.0.0.0/9`\n",
       1},
  };
  for (const auto& c : cases) expect(c);
}

TEST(VnetUserAndGroupCommands, AskAndTell) {
  const CommandCase cases[] = {
      {"vnet create b --comment Berlin",
       {{"POST /vnets", R"({"name":"b"})"}},
       {R"(POST /vnets {"name":"b","comment":"Berlin"})"},
       "Made virtual network b.\n"},
      {"vnet list",
       {{"GET /vnets?limit=1000",
         R"({"items":[{"name":"default","routes":3,"created":"2026-11-21T23:28:14Z",)"
         R"("comment":""}],"next":null})"}},
       {"GET /vnets?limit=1000"},
       "NAME     ROUTES  CREATED                    COMMENT\n"
       "default       3  2026-11-21T23:28:14+00:00  -\n"},
      {"vnet rename b c",
       {{"PATCH /vnets/b", R"({"name":"c"})"}},
       {R"(PATCH /vnets/b {"name":"c"})"},
       "Virtual network b is now c.\n"},
      {"vnet delete c",
       {{"DELETE /vnets/c", ""}},
       {"DELETE /vnets/c"},
       "Deleted virtual network c.\n"},
      {"user create alice@example.net",
       {{"POST /users", R"({"name":"alice@example.net"})"}},
       {R"(POST /users {"name":"alice@example.net"})"},
       "Made user alice@example.net.\n"},
      {"user info alice@example.net",
       {{"GET /users/alice@example.net",
         R"({"name":"alice@example.net","groups":["dev","ops"],"devices":2,"comment":"A"})"}},
       {"GET /users/alice@example.net"},
       "Name     alice@example.net\nGroups   dev, ops\nDevices  2\nCreated  -\nComment  A\n"},
      {"user delete bob",
       {{"DELETE /users/bob", ""}},
       {"DELETE /users/bob"},
       "Deleted user bob.\n"},
      {"group create ops",
       {{"POST /groups", R"({"name":"ops"})"}},
       {R"(POST /groups {"name":"ops"})"},
       "Made group ops.\n"},
      {"group add ops alice bob",
       {{"PUT /groups/ops/members/alice", ""}, {"PUT /groups/ops/members/bob", ""}},
       {"PUT /groups/ops/members/alice", "PUT /groups/ops/members/bob"},
       "alice is in group ops.\nbob is in group ops.\n"},
      {"group add ops alice -o json",
       {{"PUT /groups/ops/members/alice", ""},
        {"GET /groups/ops", R"({"name":"ops","members":["alice"]})"}},
       {"PUT /groups/ops/members/alice", "GET /groups/ops"},
       "{\"name\":\"ops\",\"members\":[\"alice\"]}\n"},
      {"group remove ops carol dave",
       {{"DELETE /groups/ops/members/dave", ""}},
       {"DELETE /groups/ops/members/carol"},
       "",
       "oneping: there is no such thing\n",
       1},
      {"group delete ops",
       {{"DELETE /groups/ops", ""}},
       {"DELETE /groups/ops"},
       "Deleted group ops.\n"},
  };
  for (const auto& c : cases) expect(c);
}

TEST(DeviceCommands, AskAndTell) {
  const std::string device =
      R"({"name":"laptop","kind":"enrolled","user":"alice","tags":["a","b"],"vnet":"default",)"
      R"("addresses":["100.96.0.1","fd00::1"],"revoked":false,"online":true,)"
      R"("last_seen":"2026-11-21T23:28:14Z","groups":["ops"]})";
  const CommandCase cases[] = {
      {"device list",
       {{"GET /devices?limit=1000", R"({"items":[)" + device + R"(],"next":null})"}},
       {"GET /devices?limit=1000"},
       "NAME    KIND      STATE   USER   TAGS  VNET     ADDRESSES\n"
       "laptop  enrolled  online  alice  a, b  default  100.96.0.1, fd00::1\n"},
      {"device revoke laptop",
       {{"POST /devices/laptop/revoke", R"({"name":"laptop","revoked":true})"}},
       {"POST /devices/laptop/revoke {}"},
       "Device laptop is revoked.\n"},
      {"device restore laptop",
       {{"POST /devices/laptop/restore", R"({"name":"laptop","revoked":false})"}},
       {"POST /devices/laptop/restore {}"},
       "Device laptop is restored.\n"},
      {"device rename laptop old",
       {{"PATCH /devices/laptop", R"({"name":"old"})"}},
       {R"(PATCH /devices/laptop {"name":"old"})"},
       "Device laptop is now old.\n"},
      {"device set laptop --user alice --tag a --tag b",
       {{"PATCH /devices/laptop", device}},
       {R"(PATCH /devices/laptop {"user":"alice","tags":["a","b"]})"},
       "Device laptop: user alice, tags a, b, vnet default.\n"},
      {"device set laptop --no-user --no-tags",
       {{"PATCH /devices/laptop", R"({"name":"laptop","user":null,"tags":[],"vnet":"default"})"}},
       {R"(PATCH /devices/laptop {"user":null,"tags":[]})"},
       "Device laptop: user -, tags -, vnet default.\n"},
      {"device set laptop --vnet lab",
       {{"PATCH /devices/laptop", R"({"name":"laptop","user":"alice","tags":[],"vnet":"lab"})"}},
       {R"(PATCH /devices/laptop {"vnet":"lab"})"},
       "Device laptop: user alice, tags -, vnet lab.\n"},
      {"device set laptop",
       {},
       {},
       "",
       "oneping: --user or --no-user or --tag or --no-tags or --vnet is required (see --help)\n",
       2},
      {"device delete laptop",
       {{"DELETE /devices/laptop", ""}},
       {"DELETE /devices/laptop"},
       "Deleted device laptop.\n"},
  };
  for (const auto& c : cases) expect(c);
}

TEST(CommandLine, WrongUsageIsToldAndNothingIsAsked) {
  const struct {
    const char* line;
    const char* error;
  } cases[] = {
      {"tunnel", "oneping: A subcommand is required (see --help)\n"},
      {"tunnel create", "oneping: NAME is required (see --help)\n"},
      {"tunnel create a b", "oneping: The following argument was not expected: b (see --help)\n"},
      {"tunnel create ''", "oneping: NAME: is empty (see --help)\n"},
      {"tunnel create \xff", "oneping: NAME: is not UTF-8 (see --help)\n"},
      {"tunnel list -o yaml", "oneping: --output: yaml not in {table,json} (see --help)\n"},
      {"tunnel list --limit 0", nullptr},
      {"tunnel rotate a --grace long", nullptr},
      {"tunnel token a --force", "oneping: --force requires --out (see --help)\n"},
      {"key create --expires yesterday", nullptr},
      {"tunnel list --api ftp://x",
       "oneping: 'ftp://x' is no address of a control API: write a socket's path, for example "
       "/run/oneping/edge.sock, or http://HOST:PORT\n"},
  };
  for (const auto& c : cases) {
    const auto outcome = run_words(words_of_line(c.line));
    EXPECT_EQ(outcome.code, 2) << c.line;
    EXPECT_EQ(outcome.out, "") << c.line;
    EXPECT_NE(outcome.err, "") << c.line;
    if (c.error != nullptr) {
      EXPECT_EQ(outcome.err, c.error) << c.line;
    }
  }
}

TEST(WhyCommand, SaysWhereItDies) {
  expect(
      {"why 10.1.2.3 --from laptop",
       {{"GET /why?to=10.1.2.3&from=laptop",
         R"({"to":"10.1.2.3","address":"10.1.2.3","reachable":false,"cause":"silent",)"
         R"("verdict":"10.1.2.3 does not answer.","fix":"Is it up?",)"
         R"("evidence":[{"check":"route","outcome":"ok","detail":"it has one"},)"
         R"({"check":"path","outcome":"bad","detail":"nothing comes back"}],)"
         R"("legs":{"device_edge_ms":4.2,"edge_connector_ms":9,"connector_host_ms":null},)"
         R"("hops":[{"ttl":1,"address":"172.68.101.57","role":"edge","sent":3,"lost":0,"avg_ms":0.1},)"
         R"({"ttl":2,"address":null,"role":"router","sent":3,"lost":3,"avg_ms":null}]})"}},
       {"GET /why?to=10.1.2.3&from=laptop"},
       "10.1.2.3 does not answer.\n"
       "Fix: Is it up?\n"
       "\n"
       "CHECK       WHAT WAS SEEN\n"
       "route  ok   it has one\n"
       "path   bad  nothing comes back\n"
       "\n"
       "HOP  ROLE    ADDRESS           TIME  LOSS\n"
       "  1  edge    172.68.101.57  0.10 ms    0%\n"
       "  2  router  -                    -  100%\n"
       "\n"
       "Device to edge     4.20 ms\n"
       "Edge to connector  9.00 ms\n"
       "Connector to host  -\n",
       "",
       1});
  expect({"why 10.1.2.3 --json",
          {{"GET /why?to=10.1.2.3", R"({"reachable":true})"}},
          {"GET /why?to=10.1.2.3"},
          "{\"reachable\":true}\n"});
}

}  // namespace
}  // namespace oneping::admin
