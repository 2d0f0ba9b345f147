#include "control/auth.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "control/secret_text.h"
#include "control/testing/world.h"
#include "quic/crypto.h"

namespace oneping::control {
namespace {

using std::chrono::minutes;
using testing::World;

struct AuthTest : ::testing::Test, World {
  std::string make_token(const std::string& name, Json fields = Json::object()) {
    fields["name"] = name;
    return json("POST", "/api-tokens", fields)["token"].get<std::string>();
  }
  ApiResponse ask_by_tcp(const std::string& method, const std::string& path,
                         const std::string& authorization) {
    ApiRequest request;
    request.method = method;
    request.path = "/api/v1" + path;
    request.authorization = authorization;
    request.transport = Transport::tcp;
    request.peer = "192.0.2.7";
    if (method == "POST" || method == "PUT") {
      request.content_type = "application/json";
      request.body = R"({"name": "x", "to": "10.0.0.1", "expectations": []})";
      if (path == "/policies/check") request.body = R"({"to": "10.0.0.1"})";
      if (path == "/policies/test") request.body = R"({"expectations": []})";
    }
    return api->handle(request);
  }
};

TEST_F(AuthTest, TheUnixSocketNeedsNoToken) {
  EXPECT_EQ(ask("POST", "/users", {{"name", "alice"}}).status, 201);
  EXPECT_EQ(store.entries.front().actor, "uid 0 (root)");
}

TEST_F(AuthTest, ByTcpATokenIsNeeded) {
  const std::string good = make_token("ci");
  struct Case {
    const char* name;
    std::string authorization;
    int status;
  };
  const std::string cut = good.substr(0, good.size() - 1);
  std::string other = good;
  other[10] = other[10] == 'A' ? 'B' : 'A';
  for (const Case& c :
       {Case{"none", "", 401}, Case{"the token", "Bearer " + good, 200},
        Case{"scheme in small letters", "bearer  " + good, 200},
        Case{"another scheme", "Basic " + good, 401}, Case{"no scheme", good, 401},
        Case{"scheme alone", "Bearer ", 401}, Case{"spaces alone", "Bearer    ", 401},
        Case{"cut short", "Bearer " + cut, 401}, Case{"another secret", "Bearer " + other, 401},
        Case{"something behind it", "Bearer " + good + " x", 401},
        Case{"an enrolment key", "Bearer opk_" + good.substr(4), 401}}) {
    EXPECT_EQ(ask_by_tcp("GET", "/tunnels", c.authorization).status, c.status) << c.name;
  }
}

TEST_F(AuthTest, WhoIsUnknownLearnsNothingOfThePaths) {
  for (const char* path : {"/tunnels", "/nowhere", "/tunnels/office", "/status"}) {
    EXPECT_EQ(ask_by_tcp("GET", path, "").status, 401) << path;
    EXPECT_EQ(ask_by_tcp("BREW", path, "").status, 401) << path;
  }
  EXPECT_EQ(ask_by_tcp("GET", "/openapi.json", "").status, 200) << "but the document is public";
}

TEST_F(AuthTest, AReaderReads) {
  const std::string reader = "Bearer " + make_token("reader");
  EXPECT_EQ(ask_by_tcp("GET", "/tunnels", reader).status, 200);
  EXPECT_EQ(ask_by_tcp("POST", "/policies/check", reader).status, 200);
  EXPECT_EQ(ask_by_tcp("POST", "/policies/test", reader).status, 200);
  EXPECT_EQ(ask_by_tcp("POST", "/tunnels", reader).status, 403);
  EXPECT_EQ(ask_by_tcp("DELETE", "/users/alice", reader).status, 403);
  EXPECT_EQ(ask_by_tcp("PUT", "/policies/default", reader).status, 403);
  EXPECT_EQ(ask_by_tcp("GET", "/backup", reader).status, 403) << "hashes of secrets are in it";
}

TEST_F(AuthTest, AnAdminActsUnderHisTokensName) {
  const std::string admin = "Bearer " + make_token("deploy", {{"role", "admin"}});
  EXPECT_EQ(ask_by_tcp("DELETE", "/users/nobody", admin).status, 404);
  ApiRequest request;
  request.method = "POST";
  request.path = "/api/v1/users";
  request.body = R"({"name": "alice"})";
  request.content_type = "application/json";
  request.authorization = admin;
  request.transport = Transport::tcp;
  EXPECT_EQ(api->handle(request).status, 201);
  EXPECT_EQ(store.entries.front().actor, "token deploy");
}

TEST_F(AuthTest, ATokenEnds) {
  const std::string ends =
      "Bearer " + make_token("ends", {{"expires", timestamp_text(now + minutes(5))}});
  const std::string deleted = "Bearer " + make_token("deleted");
  EXPECT_EQ(ask_by_tcp("GET", "/users", ends).status, 200);
  now += minutes(5);
  const ApiResponse expired = ask_by_tcp("GET", "/users", ends);
  EXPECT_EQ(expired.status, 401);
  EXPECT_NE(expired.body.find("has expired at 2026-11-21T00:05:00.000Z"), std::string::npos);
  EXPECT_EQ(ask_by_tcp("GET", "/users", deleted).status, 200);
  EXPECT_EQ(ask("DELETE", "/api-tokens/deleted").status, 204);
  EXPECT_EQ(ask_by_tcp("GET", "/users", deleted).status, 401);
}

TEST_F(AuthTest, OnlyTheHashIsKept) {
  const std::string text = make_token("ci");
  ASSERT_TRUE(text.starts_with("opa_"));
  const auto secret = parse_api_token(text);
  ASSERT_TRUE(secret);
  EXPECT_EQ(store.load()->api_tokens[0].secret, quic::sha256(*secret));
  EXPECT_EQ(api_token_text(*secret), text);
}

TEST_F(AuthTest, AnEnrolmentKeyHoldsItsSecretAndTheEdgesPin) {
  std::string text = json("POST", "/keys", {{"name", "k"}})["key"].get<std::string>();
  ASSERT_TRUE(text.starts_with("opk_"));
  text = text.substr(4);
  std::replace(text.begin(), text.end(), '-', '+');
  std::replace(text.begin(), text.end(), '_', '/');
  const auto bytes = from_base64(text);
  ASSERT_TRUE(bytes);
  ASSERT_EQ(bytes->size(), 1u + 32 + 32);
  EXPECT_EQ((*bytes)[0], 1) << "version";
  EXPECT_EQ(store.load()->enrolment_keys[0].secret, quic::sha256(Bytes(*bytes).subspan(1, 32)));
  EXPECT_EQ((*bytes)[33], 1) << "the pin begins";
  EXPECT_EQ((*bytes)[34], 2);
}

}  // namespace
}  // namespace oneping::control
