// What holds for requests whatever they are about: paths, methods, bodies, pages.
#include <gtest/gtest.h>

#include "control/testing/api_case.h"

namespace oneping::control {
namespace {

using testing::FurnishedWorld;
using testing::run;
using QueryMap = std::multimap<std::string, std::string>;

TEST(ApiRequests, Requests) {
  run({
      {"unknown path", "GET", "/nothing", nullptr, 404, "openapi.json"},
      {"below a known path", "GET", "/tunnels/office/x", nullptr, 404},
      {"trailing slash", "GET", "/tunnels/", nullptr, 404},
      {"double slash", "GET", "//tunnels", nullptr, 404},
      {"unknown method", "BREW", "/tunnels", nullptr, 405, "GET, POST"},
      {"not done here", "DELETE", "/tunnels", nullptr, 405},
      {"small letters", "get", "/tunnels", nullptr, 405},
      {"a path of its own is no name", "GET", "/policies/check", nullptr, 405},
      {"a body for GET", "GET", "/tunnels", R"({"x": 1})", 400, "no body"},
      {"a body for DELETE", "DELETE", "/tunnels/home", "[]", 400},
      {"an empty object for DELETE", "DELETE", "/tunnels/home", "{}", 204},
      {"unknown query", "GET", "/tunnels", nullptr, 400, "", "limits", {{"limits", "1"}}},
      {"query twice",
       "GET",
       "/tunnels",
       nullptr,
       400,
       "",
       "limit",
       {{"limit", "1"}, {"limit", "2"}}},
      {"query where none is", "POST", "/tunnels", "{}", 400, "", "force", {{"force", "true"}}},
      {"broken JSON", "POST", "/tunnels", "{\"name\":", 400, "no JSON"},
      {"a list", "POST", "/tunnels", "[]", 400, "must be a JSON object"},
      {"no body where one is needed", "POST", "/tunnels", nullptr, 400, "name is missing", "name"},
  });
}

TEST(ApiRequests, RequestsOutsideTheRoot) {
  FurnishedWorld world;
  for (const char* path : {"", "/", "/api", "/api/v1", "/api/v1/", "/api/v2/tunnels",
                           "/api/v1tunnels", "api/v1/tunnels"}) {
    ApiRequest request;
    request.method = "GET";
    request.path = path;
    EXPECT_EQ(world.api->handle(request).status, 404) << path;
  }
}

TEST(ApiRequests, NotAllowedNamesWhatIs) {
  FurnishedWorld world;
  EXPECT_EQ(world.ask("PUT", "/tunnels/office").allow, "DELETE, GET, PATCH");
  EXPECT_EQ(world.ask("GET", "/tunnels/office").allow, "");
}

TEST(ApiRequests, BodiesAreJsonOfAtMostOneMebibyte) {
  FurnishedWorld world;
  struct Type {
    const char* text;
    int status;
  };
  for (const Type& type :
       {Type{"application/json", 201}, Type{"Application/JSON", 409},
        Type{"application/json; charset=utf-8", 409}, Type{"", 415}, Type{"text/plain", 415},
        Type{"application/jsonx", 415}, Type{"application/x-www-form-urlencoded", 415}}) {
    ApiRequest request;
    request.method = "POST";
    request.path = "/api/v1/users";
    request.body = R"({"name": "carol"})";
    request.content_type = type.text;
    EXPECT_EQ(world.api->handle(request).status, type.status) << type.text;
  }
  ApiRequest request;
  request.method = "POST";
  request.path = "/api/v1/users";
  request.content_type = "application/json";
  request.body = R"({"name": "dora"})" + std::string((1 << 20) - 16, ' ');
  EXPECT_EQ(world.api->handle(request).status, 201);
  request.body += ' ';
  EXPECT_EQ(world.api->handle(request).status, 413);
}

TEST(ApiRequests, ListsPage) {
  FurnishedWorld world;
  for (int i = 0; i < 250; ++i) {
    ASSERT_EQ(world.ask("POST", "/users", {{"name", "user-" + std::to_string(i)}}).status, 201);
  }
  std::vector<std::string> names;
  std::vector<std::size_t> sizes;
  Json cursor = nullptr;
  do {
    QueryMap query;
    if (!cursor.is_null()) query.emplace("after", cursor.get<std::string>());
    const Json page = world.json("GET", "/users", nullptr, query);
    sizes.push_back(page["items"].size());
    for (const Json& user : page["items"]) names.push_back(user["name"]);
    // Who is deleted between two pages is missed by none of the others.
    if (cursor.is_null()) (void)world.ask("DELETE", "/users/" + names.back());
    cursor = page["next"];
  } while (!cursor.is_null());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{100, 100, 52}));
  EXPECT_EQ(names.size(), 252u);
  EXPECT_EQ(names.front(), "alice");
  EXPECT_EQ(names.back(), "user-249");

  EXPECT_EQ(world.json("GET", "/users", nullptr, {{"limit", "1000"}})["items"].size(), 251u);
  EXPECT_EQ(world.json("GET", "/users", nullptr, {{"limit", "1"}})["items"].size(), 1u);
  EXPECT_EQ(world.ask("GET", "/users", nullptr, {{"limit", "0"}}).status, 422);
  EXPECT_EQ(world.ask("GET", "/users", nullptr, {{"limit", "1001"}}).status, 422);
  EXPECT_EQ(world.ask("GET", "/users", nullptr, {{"limit", "ten"}}).status, 400);
  EXPECT_EQ(world.ask("GET", "/users", nullptr, {{"after", "ten"}}).status, 422);
  EXPECT_TRUE(world.json("GET", "/users", nullptr, {{"after", "999999"}})["items"].empty());
}

TEST(ApiRequests, CountsAndTimesItsRequests) {
  FurnishedWorld world;
  const auto count = [&](const std::string& method, const std::string& route, int status_class) {
    std::uint64_t requests = 0;
    for (const auto& one : world.api->latencies()) {
      if (one.method != method || one.route != route || one.status_class != status_class) continue;
      for (const auto bucket : one.counts.buckets) requests += bucket;
    }
    return requests;
  };
  (void)world.ask("GET", "/users/alice");
  (void)world.ask("GET", "/users/bob@example.org");
  (void)world.ask("GET", "/users/eve");
  (void)world.ask("GET", "/nothing");
  EXPECT_EQ(count("GET", "/users/{user}", 2), 2u);
  EXPECT_EQ(count("GET", "/users/{user}", 4), 1u);
  EXPECT_EQ(count("", "other", 4), 1u);
}

}  // namespace
}  // namespace oneping::control
