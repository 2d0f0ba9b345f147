// Policies through the API: their fields and their order.
#include <gtest/gtest.h>

#include "control/testing/api_case.h"

namespace oneping::control {
namespace {

using std::chrono::minutes;
using testing::FurnishedWorld;
using testing::run;

TEST(ApiPolicies, Fields) {
  run({
      {"list", "GET", "/policies", nullptr, 200, "\"name\":\"no-dns\""},
      {"show", "GET", "/policies/no-dns", nullptr, 200, "\"protocol\":\"udp\""},
      {"no such", "GET", "/policies/x", nullptr, 404},
      {"the least", "POST", "/policies", R"({"name": "p", "verdict": "deny"})", 201,
       R"("who":[],"to":[],"vnet":null,"protocol":null,"icmp_type":null,"ports":[],"from":null,)"
       R"("until":null,"verdict":"deny","comment":"","position":4)"},
      {"everything", "POST", "/policies",
       R"({"name": "p", "who": ["user:alice", "group:staff", "device:laptop", "tag:mobile"],
           "to": ["10.0.0.0/8", "fd00::/8", "192.0.2.1"], "vnet": "lab", "protocol": "udp",
           "ports": [53, "1000-2000"], "from": "2027-01-01T00:00:00Z",
           "until": "2027-02-01T01:00:00+01:00", "verdict": "allow", "comment": "c",
           "position": 2})",
       201,
       R"("who":["user:alice","group:staff","device:laptop","tag:mobile"],)"
       R"("to":["10.0.0.0/8","fd00::/8","192.0.2.1/32"],"vnet":"lab","protocol":"udp",)"
       R"("icmp_type":null,"ports":[53,"1000-2000"],"from":"2027-01-01T00:00:00.000Z",)"
       R"("until":"2027-02-01T00:00:00.000Z","verdict":"allow","comment":"c","position":2)"},
      {"the same twice", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "who": ["tag:a", "tag:a"], "to": ["10.0.0.0/8", "10.0.0.0/8"], "ports": [1, "1-1"]})",
       201, R"("who":["tag:a"],"to":["10.0.0.0/8"])"},
      {"by ids", "POST", "/policies", R"({"name": "p", "verdict": "deny", "who": ["user:58"]})",
       201, R"("who":["user:alice"])"},
      {"no verdict", "POST", "/policies", R"({"name": "p"})", 400, "", "verdict"},
      {"no such verdict", "POST", "/policies", R"({"name": "p", "verdict": "drop"})", 422, "",
       "verdict"},
      {"a name of the API", "POST", "/policies", R"({"name": "default", "verdict": "deny"})", 422,
       "", "name"},
      {"name taken", "POST", "/policies", R"({"name": "last", "verdict": "deny"})", 409, "",
       "name"},
      {"nobody", "POST", "/policies", R"({"name": "p", "verdict": "deny", "who": ["user:eve"]})",
       422, "no user", "who"},
      {"who unlike who", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "who": ["alice"]})", 422, "", "who[0]"},
      {"a bad tag", "POST", "/policies", R"({"name": "p", "verdict": "deny", "who": ["tag:a b"]})",
       422, "", "who"},
      {"no network", "POST", "/policies", R"({"name": "p", "verdict": "deny", "vnet": "x"})", 422,
       "", "vnet"},
      {"over before it begins", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "from": "2027-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z"})",
       422, "", "until"},
      {"ping", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "icmp_type": "echo-request"})", 201,
       R"("protocol":"icmp","icmp_type":"echo-request")"},
      {"another ICMP", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "icmp_type": "redirect"})", 422, "", "icmp_type"},
      {"ping by UDP", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "protocol": "udp", "icmp_type": "echo-request"})", 422,
       "", "icmp_type"},
      {"ports mean UDP", "POST", "/policies", R"({"name": "p", "verdict": "deny", "ports": [53]})",
       201, R"("protocol":"udp")"},
      {"ports of ICMP", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "protocol": "icmp", "ports": [53]})", 422, "", "ports"},
      {"ports of all", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "protocol": null, "ports": [53]})", 422, "", "ports"},
      {"ports of a ping", "POST", "/policies",
       R"({"name": "p", "verdict": "deny", "icmp_type": "echo-request", "ports": [53]})", 422, "",
       "ports"},
      {"rename", "PATCH", "/policies/last", R"({"name": "p"})", 200, "\"name\":\"p\""},
      {"turn", "PATCH", "/policies/last", R"({"verdict": "allow"})", 200, "\"verdict\":\"allow\""},
      {"for everybody", "PATCH", "/policies/last", R"({"who": null})", 200, "\"who\":[]"},
      {"without ports", "PATCH", "/policies/no-dns", R"({"ports": null, "protocol": null})", 200,
       R"("protocol":null,"icmp_type":null,"ports":[])"},
      {"ports without UDP", "PATCH", "/policies/no-dns", R"({"protocol": null})", 422, "", "ports"},
      {"another position", "PATCH", "/policies/last", R"({"position": 1})", 400, "", "position"},
      {"delete", "DELETE", "/policies/last", nullptr, 204},
      {"delete what is not", "DELETE", "/policies/x", nullptr, 404},
      {"delete the default", "DELETE", "/policies/default", nullptr, 405},
      {"the default", "GET", "/policies/default", nullptr, 200, R"({"verdict":"allow"})"},
      {"another default", "PUT", "/policies/default", R"({"verdict": "deny"})", 200,
       R"({"verdict":"deny"})"},
      {"no default", "PUT", "/policies/default", "{}", 400, "", "verdict"},
  });
}

// "a b c": names by position, checked to be 1, 2, 3, …
std::string order(FurnishedWorld& world) {
  std::string names;
  std::size_t position = 0;
  const Json page = world.json("GET", "/policies");
  for (const Json& policy : page["items"]) {
    if (policy["position"] != ++position) return "a gap at " + std::to_string(position);
    names += (names.empty() ? "" : " ") + policy["name"].get<std::string>();
  }
  return names;
}

TEST(ApiPolicies, Order) {
  struct Move {
    const char* name;
    const char* method;
    const char* path;
    const char* body;
    int status;
    const char* order;
  };
  const char* unmoved = "staff-ping no-dns last";
  const std::vector<Move> moves{
      {"new at the end", "POST", "/policies", R"({"name": "new", "verdict": "deny"})", 201,
       "staff-ping no-dns last new"},
      {"new in front", "POST", "/policies", R"({"name": "new", "verdict": "deny", "position": 1})",
       201, "new staff-ping no-dns last"},
      {"new in between", "POST", "/policies",
       R"({"name": "new", "verdict": "deny", "position": 3})", 201, "staff-ping no-dns new last"},
      {"new just behind", "POST", "/policies",
       R"({"name": "new", "verdict": "deny", "position": 4})", 201, "staff-ping no-dns last new"},
      {"new beyond", "POST", "/policies", R"({"name": "new", "verdict": "deny", "position": 5})",
       422, unmoved},
      {"new before all", "POST", "/policies",
       R"({"name": "new", "verdict": "deny", "position": 0})", 422, unmoved},
      {"one gone", "DELETE", "/policies/staff-ping", nullptr, 204, "no-dns last"},
      {"to the front", "POST", "/policies/last/move", R"({"position": 1})", 200,
       "last staff-ping no-dns"},
      {"to the end", "POST", "/policies/staff-ping/move", R"({"position": 3})", 200,
       "no-dns last staff-ping"},
      {"to where it is", "POST", "/policies/no-dns/move", R"({"position": 2})", 200, unmoved},
      {"beyond", "POST", "/policies/no-dns/move", R"({"position": 4})", 422, unmoved},
      {"before one", "POST", "/policies/last/move", R"({"before": "no-dns"})", 200,
       "staff-ping last no-dns"},
      {"after one", "POST", "/policies/staff-ping/move", R"({"after": "no-dns"})", 200,
       "no-dns staff-ping last"},
      {"after the last", "POST", "/policies/staff-ping/move", R"({"after": "last"})", 200,
       "no-dns last staff-ping"},
      {"before itself", "POST", "/policies/last/move", R"({"before": "last"})", 422, unmoved},
      {"before none", "POST", "/policies/last/move", R"({"before": "x"})", 422, unmoved},
      {"nowhere", "POST", "/policies/last/move", "{}", 422, unmoved},
      {"to two places", "POST", "/policies/last/move", R"({"position": 1, "after": "no-dns"})", 422,
       unmoved},
      {"what is not", "POST", "/policies/x/move", R"({"position": 1})", 404, unmoved},
  };
  for (const Move& move : moves) {
    SCOPED_TRACE(move.name);
    FurnishedWorld world;
    const ApiResponse response =
        world.ask(move.method, move.path, move.body == nullptr ? Json() : Json::parse(move.body));
    EXPECT_EQ(response.status, move.status) << response.body;
    EXPECT_EQ(order(world), move.order);
    std::string in_force;
    for (const auto& rule : world.control->snapshot().policies->rules()) {
      in_force += (in_force.empty() ? "" : " ") + rule.name;
    }
    EXPECT_EQ(in_force, move.order) << "and so the edge has them";
  }
}

TEST(ApiPolicies, RenamesKeepWhatRefersToThem) {
  FurnishedWorld world;
  (void)world.ask("PATCH", "/groups/staff", {{"name", "team"}});
  EXPECT_EQ(world.json("GET", "/policies/staff-ping")["who"], Json::array({"group:team"}));
  const edge::Snapshot snapshot = world.control->snapshot();
  EXPECT_EQ(snapshot.policies->rules()[0].who[0].name, "team");
  EXPECT_EQ(snapshot.identities->at(50)->groups, std::vector<std::string>{"team"});
  (void)world.ask("PATCH", "/tunnels/office", {{"name", "hq"}});
  EXPECT_EQ(world.json("GET", "/routes/56")["tunnel"], "hq");
}

TEST(ApiPolicies, StateFollowsTheClock) {
  FurnishedWorld world;
  (void)world.ask("PATCH", "/policies/last",
                  {{"from", timestamp_text(world.now + minutes(1))},
                   {"until", timestamp_text(world.now + minutes(2))}});
  const auto state = [&] { return world.json("GET", "/policies/last")["state"]; };
  EXPECT_EQ(state(), "waiting");
  world.now += minutes(1);
  EXPECT_EQ(state(), "active");
  world.now += minutes(1);
  EXPECT_EQ(state(), "over");
}

}  // namespace
}  // namespace oneping::control
