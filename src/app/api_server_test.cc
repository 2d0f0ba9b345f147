// The listener itself: which requests get through to whom, and what every answer carries.
#include "app/api_server.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include "app/testing/folder.h"
#include "app/web_files.h"
#include "control/testing/world.h"

namespace oneping {
namespace {

using control::testing::World;

class ApiServerTest : public ::testing::TestWithParam<const char*>, protected World {
 protected:
  ApiServerTest() {
    auto started = ApiServer::on_tcp({*IpAddress::parse(GetParam()), 0}, *api);
    EXPECT_TRUE(started) << started.error().message;
    if (started) server = std::move(*started);
    token = json("POST", "/api-tokens", {{"name", "t"}, {"role", "admin"}})["token"];
  }
  ~ApiServerTest() override {
    control->events().close();
    control->flow_feed().close();
  }

  [[nodiscard]] httplib::Client client() const {
    return httplib::Client(GetParam(), server->address().port);
  }
  httplib::Result get(const std::string& path, httplib::Headers headers = {}) {
    return client().Get(path, headers);
  }

  std::unique_ptr<ApiServer> server;
  std::string token;
};

INSTANTIATE_TEST_SUITE_P(BothFamilies, ApiServerTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& address) { return address.index == 0 ? "v4" : "v6"; });

TEST_P(ApiServerTest, ThePageIsForEverybodyAndTheApiIsNot) {
  const auto page = get("/");
  ASSERT_TRUE(page);
  EXPECT_EQ(page->status, web_files().empty() ? 404 : 200);
  EXPECT_NE(page->body.find(web_files().empty() ? "built without" : "<!doctype html>"),
            std::string::npos);
  EXPECT_EQ(get("/api/v1/tunnels")->status, 401);
  EXPECT_EQ(get("/nothing")->status, 404);
  const httplib::Headers bearer{{"Authorization", "Bearer " + token}};
  EXPECT_EQ(get("/api/v1/tunnels", bearer)->status, 200);
}

TEST_P(ApiServerTest, EveryAnswerIsProtected) {
  for (const char* path : {"/", "/nothing", "/api/v1/tunnels", "/api/v1/openapi.json"}) {
    const auto answer = get(path);
    ASSERT_TRUE(answer) << path;
    EXPECT_EQ(answer->get_header_value("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(answer->get_header_value("X-Frame-Options"), "DENY") << path;
    EXPECT_NE(answer->get_header_value("Content-Security-Policy").find("frame-ancestors 'none'"),
              std::string::npos)
        << path;
    EXPECT_FALSE(answer->has_header("Access-Control-Allow-Origin")) << path;
  }
}

TEST_P(ApiServerTest, AForeignHostGetsNotEvenThePage) {
  for (const char* path : {"/", "/api/v1/openapi.json"}) {
    EXPECT_EQ(get(path, {{"Host", "evil.example"}})->status, 403) << path;
  }
}

TEST_P(ApiServerTest, APreflightIsRefused) {
  const auto answer = client().Options("/api/v1/session",
                                       httplib::Headers{{"Origin", "http://evil.example"},
                                                        {"Access-Control-Request-Method", "POST"}});
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 403);
  EXPECT_FALSE(answer->has_header("Access-Control-Allow-Origin"));
}

TEST_P(ApiServerTest, TheCookieOfASignInOpensTheApi) {
  auto browser = client();
  const std::string own = "http://" + server->address().to_string();
  const auto signed_in = browser.Post("/api/v1/session", httplib::Headers{{"Origin", own}},
                                      R"({"token": ")" + token + "\"}", "application/json");
  ASSERT_TRUE(signed_in);
  ASSERT_EQ(signed_in->status, 201) << signed_in->body;
  const std::string cookie = signed_in->get_header_value("Set-Cookie");
  const httplib::Headers with{{"Cookie", cookie.substr(0, cookie.find(';'))}};
  EXPECT_EQ(get("/api/v1/tunnels", with)->status, 200);
}

// What is sent to a closed window is nothing to wait for.
TEST_P(ApiServerTest, AListenerWhoLeavesMakesRoomSoon) {
  const httplib::Headers bearer{{"Authorization", "Bearer " + token}};
  const auto listen = [&] {
    int status = 0;
    auto window = client();
    (void)window.Get(
        "/api/v1/flows", bearer,
        [&](const httplib::Response& response) {
          status = response.status;
          return true;
        },
        [](const char*, std::size_t) { return false; });  // closed at its first word
    return status;
  };
  for (std::size_t i = 0; i < control::FlowFeed::kMaxReaders; ++i) EXPECT_EQ(listen(), 200);
  int status = 503;
  for (int tries = 0; tries < 50 && status != 200; ++tries) {
    status = listen();
    if (status != 200) std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  EXPECT_EQ(status, 200);
}

}  // namespace
}  // namespace oneping
