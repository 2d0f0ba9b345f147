// The edge itself through the API: status, audit log, events, backup, and when a part fails.
#include <gtest/gtest.h>

#include "control/testing/api_case.h"

namespace oneping::control {
namespace {

using testing::FurnishedWorld;
using testing::run;
using QueryMap = std::multimap<std::string, std::string>;

TEST(ApiEdge, Status) {
  run({{"status", "GET", "/status", nullptr, 200, "\"inactive\":2"},
       {"the pin", "GET", "/status", nullptr, 200, "\"pin\":\"sha256:AQIDAAAA"},
       {"flows", "GET", "/status", nullptr, 200, "\"flows\":3"},
       {"the document", "GET", "/openapi.json", nullptr, 200, "3.1.0"}});
}

TEST(ApiEdge, Audit) {
  run({
      {"list", "GET", "/audit", nullptr, 200, "\"action\":\"policy.create\""},
      {"by action",
       "GET",
       "/audit",
       nullptr,
       200,
       "\"object\":\"office\"",
       "",
       {{"action", "tunnel.token"}}},
      {"by kind", "GET", "/audit", nullptr, 200, "tunnel.create", "", {{"action", "tunnel."}}},
      {"by object",
       "GET",
       "/audit",
       nullptr,
       200,
       "\"object\":\"alice\"",
       "",
       {{"object", "alice"}}},
      {"since",
       "GET",
       "/audit",
       nullptr,
       200,
       "\"items\":[]",
       "",
       {{"since", "2030-01-01T00:00:00Z"}}},
      {"since no time", "GET", "/audit", nullptr, 422, "", "since", {{"since", "now"}}},
      {"behind no cursor", "GET", "/audit", nullptr, 422, "", "after", {{"after", "x"}}},
      {"post", "POST", "/audit", "{}", 405},
  });
}

TEST(ApiEdge, TheAuditLogPages) {
  FurnishedWorld world;
  const std::size_t all = world.store.entries.size();
  QueryMap query{{"limit", "4"}};
  std::vector<Id> ids;
  for (;;) {
    const Json page = world.json("GET", "/audit", nullptr, query);
    for (const Json& entry : page["items"]) ids.push_back(entry["id"]);
    if (page["next"].is_null()) break;
    query.erase("after");
    query.emplace("after", page["next"].get<std::string>());
  }
  EXPECT_EQ(ids.size(), all);
  EXPECT_TRUE(std::is_sorted(ids.rbegin(), ids.rend())) << "newest first";
}

TEST(ApiEdge, Events) {
  FurnishedWorld world;
  ApiRequest request;
  request.method = "GET";
  request.path = "/api/v1/events";
  const ApiResponse response = world.api->handle(request);
  EXPECT_EQ(response.content_type, "text/event-stream");
  ASSERT_NE(response.events, nullptr);
  (void)response.events->next({});
  (void)world.ask("DELETE", "/tunnels/home");
  const std::string heard = *response.events->next({});
  EXPECT_NE(heard.find("event: tunnel.delete\n"), std::string::npos);
  EXPECT_NE(heard.find("\"actor\":\"uid 0 (root)\""), std::string::npos) << heard;

  request.last_event_id = heard.substr(4, heard.find('\n') - 4);
  const ApiResponse resumed = world.api->handle(request);
  ASSERT_NE(resumed.events, nullptr);
  EXPECT_EQ(resumed.events->next({}), ": listening\n\n") << "no gap";
  request.last_event_id = "x";
  EXPECT_EQ(world.api->handle(request).status, 400);
  request.last_event_id.clear();
  std::vector<ApiResponse> listeners;
  while (listeners.size() < EventHub::kMaxReaders - 2)
    listeners.push_back(world.api->handle(request));
  EXPECT_EQ(world.api->handle(request).status, 503);
}

TEST(ApiEdge, Backup) {
  FurnishedWorld world;
  const ApiResponse response = world.ask("GET", "/backup");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/vnd.sqlite3");
  EXPECT_EQ(world.store.backups, std::vector<std::string>{response.file});
}

TEST(ApiEdge, SaysSoWhenTheEdgeDoesNotAnswer) {
  FurnishedWorld world;
  world.edge.is_busy = true;
  for (const char* path : {"/status", "/tunnels", "/tunnels/office", "/routes", "/routes/56"}) {
    EXPECT_EQ(world.ask("GET", path).status, 503) << path;
  }
  EXPECT_EQ(world.ask("GET", "/users").status, 200) << "it is not needed for that";
  for (const auto& [path, body] :
       {std::pair{"/tunnels", R"({"name": "new"})"},
        std::pair{"/policies", R"({"name": "new", "verdict": "deny"})"}}) {
    const ApiResponse response = world.ask("POST", path, Json::parse(body));
    EXPECT_EQ(response.status, 503);
    EXPECT_NE(response.body.find("the change is kept"), std::string::npos) << response.body;
  }
  const ApiResponse commented = world.ask("PATCH", "/tunnels/office", {{"comment", "c"}});
  EXPECT_EQ(commented.status, 503);
  EXPECT_NE(commented.body.find("the change is kept"), std::string::npos) << commented.body;
}

TEST(ApiEdge, SaysSoWhenTheStoreRefuses) {
  FurnishedWorld world;
  world.store.is_full = true;
  const ApiResponse response = world.ask("POST", "/users", {{"name", "eve"}});
  EXPECT_EQ(response.status, 500);
  EXPECT_NE(response.body.find("nothing has changed"), std::string::npos);
  EXPECT_EQ(world.ask("GET", "/users/eve").status, 404);
}

}  // namespace
}  // namespace oneping::control
