// What the audit log tells of each change.
#include <gtest/gtest.h>

#include "control/testing/checked_api.h"

namespace oneping::control {
namespace {

using testing::FurnishedWorld;

struct Case {
  const char* method;
  const char* path;
  const char* body;
  const char* action;
  const char* object;
  const char* detail;  // all of it, or null
};

const Case kCases[] = {
    {"POST", "/tunnels", R"({"name": "t"})", "tunnel.create", "t",
     R"({"name":"t","path":"full","comment":""})"},
    {"PATCH", "/tunnels/office", R"({"name": "hq"})", "tunnel.update", "office",
     R"({"name":{"from":"office","to":"hq"}})"},
    {"DELETE", "/tunnels/home", nullptr, "tunnel.delete", "home", nullptr},
    {"POST", "/tunnels/home/token", nullptr, "tunnel.token", "home", "{}"},
    {"POST", "/tunnels/office/rotate", R"({"grace_ms": 5})", "tunnel.rotate", "office",
     R"({"grace_ms":5})"},
    {"POST", "/routes", R"({"prefix": "fd00::/8", "tunnel": "home"})", "route.create", "fd00::/8",
     R"({"prefix":"fd00::/8","tunnel":"home","vnet":"default","comment":""})"},
    {"PATCH", "/routes/56", R"({"tunnel": "home"})", "route.update", "10.0.0.0/8",
     R"({"tunnel":{"from":"office","to":"home"}})"},
    {"DELETE", "/routes/57", nullptr, "route.delete", "10.1.0.0/16",
     R"({"prefix":"10.1.0.0/16","tunnel":"office","vnet":"lab","comment":""})"},
    {"POST", "/vnets", R"({"name": "v"})", "vnet.create", "v", nullptr},
    {"PATCH", "/vnets/lab", R"({"comment": "c"})", "vnet.update", "lab",
     R"({"comment":{"from":"","to":"c"}})"},
    {"POST", "/users", R"({"name": "u"})", "user.create", "u", nullptr},
    {"PATCH", "/users/alice", R"({"name": "anna"})", "user.update", "alice", nullptr},
    {"DELETE", "/users/bob@example.org", nullptr, "user.delete", "bob@example.org", nullptr},
    {"POST", "/groups", R"({"name": "g", "members": ["alice"]})", "group.create", "g",
     R"({"name":"g","comment":"","members":["alice"]})"},
    {"PATCH", "/groups/staff", R"({"members": []})", "group.update", "staff",
     R"({"members":{"from":["alice"],"to":[]}})"},
    {"DELETE", "/groups/guests", nullptr, "group.delete", "guests", nullptr},
    {"PUT", "/groups/guests/members/alice", nullptr, "group.add", "guests", R"({"user":"alice"})"},
    {"DELETE", "/groups/staff/members/alice", nullptr, "group.remove", "staff",
     R"({"user":"alice"})"},
    {"POST", "/keys", R"({"name": "k", "user": "alice"})", "key.create", "k",
     R"({"name":"k","reusable":false,"expires":null,"user":"alice","tags":[]})"},
    {"PATCH", "/keys/key1", R"({"expires": "2030-01-01T00:00:00Z"})", "key.update", "key1",
     nullptr},
    {"POST", "/keys/key1/revoke", nullptr, "key.revoke", "key1", "{}"},
    {"DELETE", "/keys/key1", nullptr, "key.delete", "key1", nullptr},
    {"PATCH", "/devices/laptop", R"({"vnet": "default"})", "device.update", "laptop",
     R"({"vnet":{"from":"lab","to":"default"}})"},
    {"POST", "/devices/laptop/revoke", nullptr, "device.revoke", "laptop", "{}"},
    {"POST", "/devices/lost/restore", nullptr, "device.restore", "lost", "{}"},
    {"DELETE", "/devices/lost", nullptr, "device.delete", "lost", nullptr},
    {"POST", "/policies", R"({"name": "p", "verdict": "deny"})", "policy.create", "p", nullptr},
    {"PATCH", "/policies/last", R"({"verdict": "allow"})", "policy.update", "last",
     R"({"verdict":{"from":"deny","to":"allow"}})"},
    {"POST", "/policies/last/move", R"({"position": 1})", "policy.move", "last",
     R"({"from":3,"to":1})"},
    {"DELETE", "/policies/staff-ping", nullptr, "policy.delete", "staff-ping", nullptr},
    {"PUT", "/policies/default", R"({"verdict": "deny"})", "policy.default", "default",
     R"({"from":"allow","to":"deny"})"},
    {"POST", "/api-tokens", R"({"name": "t"})", "api-token.create", "t",
     R"({"name":"t","role":"read","expires":null})"},
    {"DELETE", "/api-tokens/ci", nullptr, "api-token.delete", "ci", nullptr},
};

TEST(Audit, EachChangeIsToldOnce) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(std::string(c.method) + " " + c.path);
    FurnishedWorld world;
    const std::size_t before = world.store.entries.size();
    const int status =
        world.ask(c.method, c.path, c.body == nullptr ? Json() : Json::parse(c.body)).status;
    EXPECT_LT(status, 300);
    ASSERT_EQ(world.store.entries.size(), before + 1);
    const AuditEntry& entry = world.store.entries.front();
    EXPECT_EQ(entry.action, c.action);
    EXPECT_EQ(entry.object, c.object);
    EXPECT_EQ(entry.actor, "uid 0 (root)");
    if (c.detail != nullptr) {
      EXPECT_EQ(entry.detail, c.detail);
    }
    const Json shown = world.json("GET", "/audit", nullptr, {{"limit", "1"}})["items"][0];
    EXPECT_EQ(shown["action"], c.action);
    EXPECT_EQ(to_text(shown["detail"]), entry.detail);
  }
}

TEST(Audit, TellsWhichRoutesWentWithTheirTunnel) {
  FurnishedWorld world;
  EXPECT_EQ(world.ask("DELETE", "/tunnels/office", nullptr, {{"force", "true"}}).status, 204);
  const AuditEntry& entry = world.store.entries.front();
  EXPECT_EQ(entry.action, "tunnel.delete");
  EXPECT_EQ(entry.detail, R"({"name":"office","path":"full","comment":"Büro","routes":2,)"
                          R"("route_prefixes":["10.0.0.0/8","10.1.0.0/16"]})");
}

TEST(Audit, WhatChangesNothingIsNotTold) {
  const std::tuple<const char*, const char*, const char*> kNothing[] = {
      {"PATCH", "/tunnels/office", R"({"name": "office"})"},
      {"PATCH", "/routes/56", R"({"tunnel": "office"})"},
      {"PUT", "/groups/staff/members/alice", nullptr},
      {"POST", "/devices/lost/revoke", nullptr},
      {"POST", "/policies/last/move", R"({"after": "no-dns"})"},
      {"PUT", "/policies/default", R"({"verdict": "allow"})"},
      {"POST", "/tunnels", R"({"name": "office"})"},
      {"DELETE", "/tunnels/office", nullptr},
      {"POST", "/policies/check", R"({"to": "10.0.0.1"})"},
  };
  FurnishedWorld world;
  const std::size_t before = world.store.entries.size();
  for (const auto& [method, path, body] : kNothing) {
    (void)world.ask(method, path, body == nullptr ? Json() : Json::parse(body));
    EXPECT_EQ(world.store.entries.size(), before) << method << " " << path;
  }
}

}  // namespace
}  // namespace oneping::control
