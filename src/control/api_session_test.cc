// Sign-in at the dashboard: by token, by link; what the cookie opens, and what it does not.
#include <gtest/gtest.h>

#include "control/cookie.h"
#include "control/secret_text.h"
#include "control/testing/checked_api.h"

namespace oneping::control {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using testing::FurnishedWorld;

constexpr const char* kHost = "127.0.0.1:9780";
constexpr const char* kOwn = "http://127.0.0.1:9780";

struct SessionTest : ::testing::Test, FurnishedWorld {
  SessionTest() {
    for (const auto& [id, session] : control->sign_ins().all(now)) control->sign_ins().end(id);
    control->sign_ins().set_dashboard({kOwn, ""});
  }

  // As the dashboard's page asks.
  ApiRequest from_page(const std::string& method, const std::string& path,
                       const Json& body = nullptr) {
    ApiRequest request;
    request.method = method;
    request.path = "/api/v1" + path;
    request.transport = Transport::tcp;
    request.peer = "127.0.0.1";
    request.host = kHost;
    request.cookie = cookie;
    if (method != "GET") {
      request.origin = kOwn;
      request.content_type = "application/json";
    }
    if (!body.is_null()) request.body = to_text(body);
    return request;
  }
  int page(const std::string& method, const std::string& path, const Json& body = nullptr) {
    return api->handle(from_page(method, path, body)).status;
  }
  Json page_json(const std::string& method, const std::string& path, const Json& body = nullptr) {
    return Json::parse(api->handle(from_page(method, path, body)).body);
  }

  std::string make_token(const std::string& name, Json fields = {{"role", "admin"}}) {
    fields["name"] = name;
    return json("POST", "/api-tokens", fields)["token"].get<std::string>();
  }
  std::string make_link(const Json& body = Json::object()) {
    return json("POST", "/session/link", body)["link"].get<std::string>();
  }
  // Keeps the cookie, as a browser does.
  ApiResponse sign_in(const Json& body) {
    ApiResponse response = api->handle(from_page("POST", "/session", body));
    EXPECT_EQ(testing::broken_promise("POST", "/session", response), "");
    if (response.status == 201) {
      cookie = response.set_cookie.substr(0, response.set_cookie.find(';'));
    }
    return response;
  }

  std::string cookie;
};

TEST_F(SessionTest, ATokenSignsIn) {
  const ApiResponse response = sign_in({{"token", make_token("deploy")}});
  ASSERT_EQ(response.status, 201);
  EXPECT_NE(response.set_cookie.find("; Path=/; Max-Age=604800; HttpOnly; SameSite=Strict"),
            std::string::npos)
      << response.set_cookie;
  EXPECT_EQ(response.set_cookie.find("Secure"), std::string::npos);
  EXPECT_EQ(page("GET", "/tunnels"), 200);
  EXPECT_EQ(page("POST", "/users", {{"name", "carol"}}), 201);
  EXPECT_EQ(store.entries.front().actor, "token deploy");
  const Json caller = page_json("GET", "/session");
  EXPECT_EQ(caller["actor"], "token deploy");
  EXPECT_EQ(caller["role"], "admin");
  EXPECT_EQ(caller["session"]["peer"], "127.0.0.1");
  EXPECT_EQ(caller["session"]["expires"], timestamp_text(now + hours(8)));
}

TEST_F(SessionTest, ByTlsTheCookieIsForTlsAlone) {
  ApiRequest request = from_page("POST", "/session", {{"token", make_token("deploy")}});
  request.host = "edge.example.net";
  request.origin = "https://edge.example.net";
  const ApiResponse response = api->handle(request);
  ASSERT_EQ(response.status, 201);
  EXPECT_TRUE(response.set_cookie.ends_with("; Secure")) << response.set_cookie;
}

TEST_F(SessionTest, WhatIsNoTokenDoesNot) {
  const std::string good = make_token("deploy");
  const std::string ended = make_token("ended", {{"expires", timestamp_text(now + minutes(5))}});
  now += minutes(5);
  struct Case {
    const char* name;
    Json body;
    int status;
  };
  for (const Case& c : {
           Case{"cut short", {{"token", good.substr(0, good.size() - 1)}}, 401},
           Case{"another's", {{"token", "opk_" + good.substr(4)}}, 401},
           Case{"expired", {{"token", ended}}, 401},
           Case{"empty", {{"token", ""}}, 401},
           Case{"no link", {{"link", good}}, 401},
           Case{"neither", Json::object(), 400},
           Case{"both", {{"token", good}, {"link", "opl_"}}, 400},
           Case{"no text", {{"token", 1}}, 400},
           Case{"something else", {{"password", "x"}}, 400},
       }) {
    const ApiResponse response = sign_in(c.body);
    EXPECT_EQ(response.status, c.status) << c.name << response.body;
    EXPECT_EQ(response.set_cookie, "") << c.name;
  }
  EXPECT_EQ(page("GET", "/tunnels"), 401);
}

TEST_F(SessionTest, ALinkSignsInOnce) {
  const Json offer = json("POST", "/session/link");
  EXPECT_EQ(offer["address"], kOwn);
  EXPECT_EQ(offer["expires"], timestamp_text(now + minutes(5)));
  ASSERT_EQ(sign_in({{"link", offer["link"]}}).status, 201);
  EXPECT_EQ(page_json("GET", "/session")["role"], "admin");
  EXPECT_EQ(page("POST", "/users", {{"name", "carol"}}), 201);
  EXPECT_EQ(store.entries.front().actor, "link of uid 0 (root)");
  EXPECT_EQ(sign_in({{"link", offer["link"]}}).status, 401);
}

TEST_F(SessionTest, ALinkIsOverAfterFiveMinutes) {
  const std::string link = make_link();
  now += minutes(5);
  EXPECT_EQ(sign_in({{"link", link}}).status, 401);
}

TEST_F(SessionTest, ALinkMayBeForReadingOnly) {
  ASSERT_EQ(sign_in({{"link", make_link({{"role", "read"}})}}).status, 201);
  EXPECT_EQ(page("GET", "/tunnels"), 200);
  EXPECT_EQ(page("POST", "/policies/check", {{"to", "10.0.0.1"}}), 200);
  EXPECT_EQ(page("POST", "/users", {{"name", "carol"}}), 403);
  EXPECT_EQ(page("GET", "/sessions"), 403);
}

TEST_F(SessionTest, LinksAreMadeOnTheMachineItself) {
  ASSERT_EQ(sign_in({{"token", make_token("deploy")}}).status, 201);
  EXPECT_EQ(page("POST", "/session/link", Json::object()), 403)
      << "or who came by a token would outlast it";
  control->sign_ins().set_dashboard({"", "for a reason"});
  const Json refused = json("POST", "/session/link");
  EXPECT_EQ(refused["status"], 409);
  EXPECT_NE(to_text(refused).find("for a reason"), std::string::npos);
}

TEST_F(SessionTest, ASessionEndsWithItsToken) {
  const std::string token = make_token("deploy");
  ASSERT_EQ(sign_in({{"token", token}}).status, 201);
  EXPECT_EQ(json("GET", "/sessions")["items"].size(), 1u);
  EXPECT_EQ(page("DELETE", "/api-tokens/deploy"), 204);
  const Json refused = page_json("GET", "/tunnels");
  EXPECT_EQ(refused["status"], 401);
  EXPECT_EQ(refused["detail"], "the API token that you signed in with is deleted: use another");
  EXPECT_TRUE(json("GET", "/sessions")["items"].empty());
}

TEST_F(SessionTest, ASessionEndsWhenItsTokenExpires) {
  const Json fields = {{"role", "admin"}, {"expires", timestamp_text(now + minutes(5))}};
  ASSERT_EQ(sign_in({{"token", make_token("short", fields)}}).status, 201);
  EXPECT_EQ(page("GET", "/tunnels"), 200);
  now += minutes(5);
  EXPECT_EQ(page("GET", "/tunnels"), 401);
}

TEST_F(SessionTest, ASessionEndsWhenNobodyUsesIt) {
  ASSERT_EQ(sign_in({{"link", make_link()}}).status, 201);
  now += hours(7);
  EXPECT_EQ(page("GET", "/tunnels"), 200);
  now += hours(7);
  EXPECT_EQ(page("GET", "/tunnels"), 200) << "it was used meanwhile";
  now += hours(8);
  EXPECT_EQ(page_json("GET", "/tunnels")["detail"], "your session is over: sign in again");
}

TEST_F(SessionTest, SigningOutEndsIt) {
  ASSERT_EQ(sign_in({{"token", make_token("deploy")}}).status, 201);
  const ApiResponse out = api->handle(from_page("DELETE", "/session"));
  EXPECT_EQ(out.status, 204);
  EXPECT_NE(out.set_cookie.find("Max-Age=0"), std::string::npos);
  EXPECT_EQ(page("GET", "/tunnels"), 401) << "whoever kept the cookie";
  EXPECT_EQ(ask("DELETE", "/session").status, 409) << "no cookie, no session";
}

TEST_F(SessionTest, AnAdminSeesAndEndsSessions) {
  ASSERT_EQ(sign_in({{"link", make_link({{"role", "read"}})}}).status, 201);
  const Json sessions = json("GET", "/sessions");
  EXPECT_EQ(testing::broken_promise("GET", "/sessions", ask("GET", "/sessions")), "");
  ASSERT_EQ(sessions["items"].size(), 1u);
  const Json& session = sessions["items"][0];
  EXPECT_EQ(session["role"], "read");
  EXPECT_EQ(ask("DELETE", "/sessions/99").status, 404);
  EXPECT_EQ(ask("DELETE", "/sessions/x").status, 404);
  EXPECT_EQ(ask("DELETE", "/sessions/" + to_text(session["id"])).status, 204);
  EXPECT_EQ(page("GET", "/tunnels"), 401);
}

// A browser sends the cookie whatever page makes it ask.
TEST_F(SessionTest, OnlyTheOwnPageMayChangeSomething) {
  ASSERT_EQ(sign_in({{"token", make_token("deploy")}}).status, 201);
  struct Case {
    const char* name;
    const char* method;
    const char* origin;
    const char* content_type;
    int status;
  };
  for (const Case& c : {
           Case{"own", "POST", kOwn, "application/json", 409},
           Case{"foreign", "POST", "http://evil.example", "application/json", 403},
           Case{"another port", "POST", "http://127.0.0.1:3000", "application/json", 403},
           Case{"a sandboxed frame", "POST", "null", "application/json", 403},
           Case{"none", "POST", "", "application/json", 403},
           Case{"a form", "POST", kOwn, "application/x-www-form-urlencoded", 403},
           Case{"a form that hides JSON", "POST", kOwn, "text/plain", 403},
           Case{"no type", "POST", kOwn, "", 403},
           Case{"delete without type", "DELETE", kOwn, "", 403},
           Case{"delete from elsewhere", "DELETE", "http://evil.example", "application/json", 403},
           Case{"reading", "GET", "", "", 200},
           Case{"reading from elsewhere", "GET", "http://evil.example", "", 403},
       }) {
    ApiRequest request = from_page(c.method, "/users");
    if (request.method == "POST") request.body = R"({"name": "alice"})";
    if (request.method == "DELETE") request.path += "/alice";
    request.origin = c.origin;
    request.content_type = c.content_type;
    EXPECT_EQ(api->handle(request).status, c.status) << c.name;
  }
  EXPECT_EQ(ask("GET", "/users/alice").status, 200) << "nobody has deleted her";
}

TEST_F(SessionTest, AForeignPageCannotSignAnybodyIn) {
  ApiRequest request = from_page("POST", "/session", {{"token", make_token("deploy")}});
  request.origin = "http://evil.example";
  EXPECT_EQ(api->handle(request).status, 403);
  request.origin = kOwn;
  request.content_type = "text/plain";
  EXPECT_EQ(api->handle(request).status, 415);
}

TEST_F(SessionTest, ACookieIsNothingBesideAToken) {
  ASSERT_EQ(sign_in({{"token", make_token("deploy")}}).status, 201);
  ApiRequest request = from_page("GET", "/tunnels");
  request.authorization = "Bearer opa_wrong";
  EXPECT_EQ(api->handle(request).status, 401);
  request.authorization = "Basic x";
  EXPECT_EQ(api->handle(request).status, 401);
  // A token needs no Origin, and no type without a body.
  request = from_page("DELETE", "/users/bob@example.org");
  request.origin = "";
  request.content_type = "";
  request.cookie = "";
  request.authorization = "Bearer " + make_token("program");
  EXPECT_EQ(api->handle(request).status, 204);
}

TEST_F(SessionTest, CookiesOfOthersAreNone) {
  ASSERT_EQ(sign_in({{"token", make_token("deploy")}}).status, 201);
  const std::string good = cookie;
  const std::string name = control->sign_ins().cookie_name();
  EXPECT_EQ(name, "oneping-01020300") << "of this edge's pin";
  for (const std::string& wrong :
       {std::string(), name, name + "=", name + "=ops_", good.substr(0, good.size() - 1),
        good + "A", "oneping-99999999" + good.substr(name.size()),
        name + "=" + make_token("other")}) {
    cookie = wrong;
    EXPECT_EQ(page("GET", "/tunnels"), 401) << wrong;
  }
  cookie = "a=b; " + good + "; c=d";
  EXPECT_EQ(page("GET", "/tunnels"), 200);
}

// Whoever may not ask any more hears no more either.
TEST_F(SessionTest, WhatLastsEndsWithTheSession) {
  ASSERT_EQ(sign_in({{"token", make_token("deploy")}}).status, 201);
  const ApiResponse events = api->handle(from_page("GET", "/events"));
  const ApiResponse flows = api->handle(from_page("GET", "/flows"));
  ASSERT_TRUE(events.events && flows.events);
  EXPECT_TRUE(events.events->next({}));
  EXPECT_TRUE(flows.events->next({}));
  EXPECT_EQ(page("DELETE", "/session"), 204);
  EXPECT_FALSE(events.events->next({}));
  EXPECT_FALSE(flows.events->next({}));
}

TEST_F(SessionTest, ItsSecretsAreKeptNowhere) {
  const std::string link = make_link();
  ASSERT_EQ(sign_in({{"link", link}}).status, 201);
  const std::string secret = cookie.substr(cookie.find("ops_"));
  std::string everything = ask("GET", "/sessions").body + ask("GET", "/audit").body;
  for (const auto& entry : store.entries) everything += entry.detail + entry.object;
  EXPECT_NE(everything.find("session.create"), std::string::npos);
  EXPECT_EQ(everything.find(secret), std::string::npos);
  EXPECT_EQ(everything.find(link), std::string::npos);
}

}  // namespace
}  // namespace oneping::control
