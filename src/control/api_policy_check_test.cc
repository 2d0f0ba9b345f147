// What policies decide, as people and programs ask for it through the API.
#include <gtest/gtest.h>

#include "control/testing/checked_api.h"

namespace oneping::control {
namespace {

using std::chrono::minutes;
using testing::broken_promise;
using testing::FurnishedWorld;

struct Check {
  const char* name;
  const char* body;
  int status;
  const char* verdict;  // or the field at fault
  const char* rule = "";
};

TEST(ApiPolicyCheck, Check) {
  // Of the furnished world: staff-ping allows group:staff; no-dns denies UDP 53 to 10.0.0.0/8; last
  // denies tag:mobile; the default allows.
  const std::vector<Check> checks{
      {"nobody in particular", R"({"to": "10.1.2.3"})", 200, "allow", "default"},
      {"a user by his group", R"({"user": "alice", "to": "10.1.2.3"})", 200, "allow", "staff-ping"},
      {"a group", R"({"groups": ["staff"], "to": "10.1.2.3"})", 200, "allow", "staff-ping"},
      {"a tag", R"({"tags": ["mobile"], "to": "10.1.2.3"})", 200, "deny", "last"},
      {"a device by its user's group", R"({"device": "laptop", "to": "10.1.2.3"})", 200, "allow",
       "staff-ping"},
      {"a device in another's hands",
       R"({"device": "laptop", "user": "bob@example.org", "to": "10.1.2.3"})", 200, "deny", "last"},
      {"a port", R"({"to": "10.1.2.3", "protocol": "udp", "port": 53})", 200, "deny", "no-dns"},
      {"another port", R"({"to": "10.1.2.3", "protocol": "udp", "port": 54})", 200, "allow",
       "default"},
      {"elsewhere", R"({"to": "fd00::1", "protocol": "udp", "port": 53})", 200, "allow", "default"},
      {"UDP without a port", R"({"to": "10.1.2.3", "protocol": "udp"})", 422, "port"},
      {"ICMP with a port", R"({"to": "10.1.2.3", "port": 53})", 422, "port"},
      {"no destination", R"({"user": "alice"})", 400, "to"},
      {"nobody", R"({"user": "eve", "to": "10.1.2.3"})", 422, "user"},
      {"no device", R"({"device": "x", "to": "10.1.2.3"})", 422, "device"},
      {"no group", R"({"groups": ["x"], "to": "10.1.2.3"})", 422, "groups"},
      {"no tag", R"({"tags": ["a b"], "to": "10.1.2.3"})", 422, "tags"},
      {"no network", R"({"vnet": "x", "to": "10.1.2.3"})", 422, "vnet"},
      {"no address", R"({"to": "10.1.2.0/24"})", 422, "to"},
      {"what is unknown", R"({"to": "10.1.2.3", "icmp": true})", 400, "icmp"},
  };
  FurnishedWorld world;
  for (const Check& check : checks) {
    SCOPED_TRACE(check.name);
    const ApiResponse response = world.ask("POST", "/policies/check", Json::parse(check.body));
    EXPECT_EQ(response.status, check.status) << response.body;
    EXPECT_EQ(broken_promise("POST", "/policies/check", response), "") << response.body;
    const Json answer = Json::parse(response.body);
    EXPECT_EQ(answer.value(check.status == 200 ? "verdict" : "field", ""), check.verdict);
    EXPECT_EQ(answer.value("rule", ""), check.rule);
  }
}

TEST(ApiPolicyCheck, CheckTellsTheWayToo) {
  FurnishedWorld world;
  const Json answer =
      world.json("POST", "/policies/check", {{"device", "laptop"}, {"to", "10.1.2.3"}});
  EXPECT_EQ(answer["position"], 1);
  EXPECT_EQ(answer["reason"],
            "policy \"staff-ping\" at position 1 is the first that matches: allow");
  EXPECT_EQ(answer["route"]["prefix"], "10.1.0.0/16") << "of the device's network";
  EXPECT_EQ(answer["tunnel"], "office");
  EXPECT_EQ(answer["tunnel_status"], "inactive");
  EXPECT_EQ(world.json(
                "POST", "/policies/check",
                {{"device", "laptop"}, {"vnet", "default"}, {"to", "10.1.2.3"}})["route"]["prefix"],
            "10.0.0.0/8");

  const Json revoked =
      world.json("POST", "/policies/check", {{"device", "lost"}, {"to", "fd00::1"}});
  EXPECT_EQ(revoked["verdict"], "deny");
  EXPECT_EQ(revoked["rule"], nullptr);
  EXPECT_EQ(revoked["reason"], "device \"lost\" is revoked, and nothing of it is carried");
  EXPECT_EQ(revoked["route"], nullptr);
}

TEST(ApiPolicyCheck, CheckLooksAheadAndBack) {
  FurnishedWorld world;
  (void)world.ask("POST", "/policies",
                  {{"name", "night"},
                   {"verdict", "deny"},
                   {"position", 1},
                   {"from", timestamp_text(world.now + minutes(1))},
                   {"until", timestamp_text(world.now + minutes(2))}});
  const auto rule_at = [&](std::chrono::minutes later) {
    return world.json("POST", "/policies/check",
                      {{"to", "10.1.2.3"}, {"at", timestamp_text(world.now + later)}})["rule"];
  };
  EXPECT_EQ(rule_at(minutes(0)), "default");
  EXPECT_EQ(rule_at(minutes(1)), "night");
  EXPECT_EQ(rule_at(minutes(2)), "default");
  world.now += minutes(1);
  EXPECT_EQ(world.json("POST", "/policies/check", {{"to", "10.1.2.3"}})["rule"], "night");
}

TEST(ApiPolicyCheck, TestComparesWithWhatIsExpected) {
  FurnishedWorld world;
  const Json body = Json::parse(R"({"expectations": [
    {"name": "staff may ping", "user": "alice", "to": "10.1.2.3", "expect": "allow"},
    {"user": "alice", "to": "10.1.2.3", "expect": "allow", "rule": "staff-ping"},
    {"name": "by another rule", "user": "alice", "to": "10.1.2.3", "expect": "allow", "rule": "default"},
    {"name": "not denied", "to": "10.1.2.3", "expect": "deny"},
    {"name": "dns", "to": "10.1.2.3", "protocol": "udp", "port": 53, "expect": "deny"}]})");
  const ApiResponse response = world.ask("POST", "/policies/test", body);
  EXPECT_EQ(broken_promise("POST", "/policies/test", response), "");
  const Json answer = Json::parse(response.body);
  EXPECT_EQ(answer["passed"], 3);
  EXPECT_EQ(answer["failed"], 2);
  EXPECT_EQ(answer["results"][0]["name"], "staff may ping");
  EXPECT_EQ(answer["results"][1]["name"], nullptr);
  EXPECT_EQ(answer["results"][2]["pass"], false);
  EXPECT_EQ(answer["results"][2]["rule"], "staff-ping");
  EXPECT_EQ(answer["results"][3]["verdict"], "allow");
  EXPECT_EQ(answer["results"][4]["rule"], "no-dns");
}

TEST(ApiPolicyCheck, TestSaysWhereItIsWrong) {
  FurnishedWorld world;
  struct Fault {
    const char* name;
    const char* body;
    int status;
    const char* field;
  };
  for (const Fault& c : {
           Fault{"nothing", "{}", 400, "expectations"},
           Fault{"no list", R"({"expectations": {}})", 400, "expectations"},
           Fault{"no object", R"({"expectations": [1]})", 400, "expectations[0]"},
           Fault{"nothing expected", R"({"expectations": [{"to": "10.0.0.1"}]})", 400,
                 "expectations[0].expect"},
           Fault{"unknown field",
                 R"({"expectations": [{"to": "10.0.0.1", "expect": "deny", "x": 1}]})", 400,
                 "expectations[0].x"},
           Fault{"unknown user",
                 R"({"expectations": [{"to": "10.0.0.1", "expect": "deny"},
                                     {"to": "10.0.0.1", "expect": "deny", "user": "eve"}]})",
                 422, "expectations[1].user"},
       }) {
    const ApiResponse response = world.ask("POST", "/policies/test", Json::parse(c.body));
    EXPECT_EQ(response.status, c.status) << c.name;
    EXPECT_EQ(Json::parse(response.body).value("field", ""), c.field) << c.name;
  }
  Json many = {{"expectations", Json::array()}};
  for (int i = 0; i < 101; ++i) {
    many["expectations"].push_back(
        {{"to", "10.0.0.1"}, {"expect", "allow"}, {"at", timestamp_text(world.now + minutes(i))}});
  }
  EXPECT_EQ(world.ask("POST", "/policies/test", many).status, 422) << "too many different times";
}

}  // namespace
}  // namespace oneping::control
