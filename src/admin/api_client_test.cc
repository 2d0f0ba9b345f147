#include "admin/api_client.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <limits>
#include <thread>

#include "admin/testing/command_line.h"
#include "admin/testing/fake_edge.h"
#include "io/fd.h"

namespace oneping::admin {
namespace {

TEST(ApiAddress, IsASocketOrAServer) {
  const struct {
    const char* text;
    const char* shown;  // null: refused
  } cases[] = {
      {"/run/oneping/edge.sock", "/run/oneping/edge.sock"},
      {"./edge.sock", "./edge.sock"},
      {"http://127.0.0.1:9792", "http://127.0.0.1:9792"},
      {"http://edge.example.net:80/", "http://edge.example.net:80"},
      {"http://[::1]:9792", "http://[::1]:9792"},
      {"", nullptr},
      {"edge.sock", nullptr},
      {"localhost:9792", nullptr},
      {"https://127.0.0.1:9792", nullptr},
      {"http://127.0.0.1", nullptr},
      {"http://127.0.0.1:0", nullptr},
      {"http://127.0.0.1:99999", nullptr},
      {"http://:9792", nullptr},
      {"http://::1:9792", nullptr},
      {"http://user@host:80", nullptr},
      {"http://host:80/api", nullptr},
  };
  for (const auto& c : cases) {
    const auto address = parse_api_address(c.text);
    ASSERT_EQ(address.has_value(), c.shown != nullptr) << c.text;
    if (address) {
      EXPECT_EQ(to_string(*address), c.shown);
    }
  }
  EXPECT_FALSE(parse_api_address("/" + std::string(108, 'x')));
}

TEST(PercentEncoded, LeavesNothingThatMeansAnything) {
  EXPECT_EQ(percent_encoded("a-B_9.~@"), "a-B_9.~@");
  EXPECT_EQ(percent_encoded("a b/c?d#e%f&g=h:"), "a%20b%2Fc%3Fd%23e%25f%26g%3Dh%3A");
  EXPECT_EQ(percent_encoded("\u00fc\n"), "%C3%BC%0A");
}

class ApiClientTest : public testing::Test {
 protected:
  [[nodiscard]] static std::string error_at(const std::string& api, int patience = 30) {
    const auto client = ApiClient::open({api, "", std::chrono::seconds(patience)});
    const auto answer = client->call({"GET", "/status", {}, {}});
    return answer ? "no error" : answer.error().message;
  }

  FakeEdge edge;
};

TEST_F(ApiClientTest, SaysWhyNobodyAnswers) {
  const std::string hint =
      ": is the edge running? (`oneping edge run`; its address is given with --api or ONEPING_API)";
  const std::string nowhere = edge.folder() / "none.sock";
  EXPECT_EQ(error_at(nowhere), "there is no socket " + nowhere + hint);

  const std::string dead = edge.folder() / "dead.sock";
  {
    const Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    dead.copy(name.sun_path, sizeof name.sun_path - 1);
    ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  }
  EXPECT_EQ(error_at(dead), "nobody listens at " + dead + hint);

  EXPECT_EQ(error_at("http://127.0.0.1:1"), "cannot connect to http://127.0.0.1:1" + hint);
}

TEST_F(ApiClientTest, SaysWhoMay) {
  ASSERT_EQ(::chmod(edge.socket().c_str(), 0660), 0);
  ASSERT_EQ(::chmod((edge.folder() / "").c_str(), 0755), 0);
  if (::geteuid() == 0) {
    ASSERT_EQ(::chown(edge.socket().c_str(), 0, 12345), 0);
    ASSERT_EQ(::seteuid(65534), 0);  // nobody
  } else {
    ASSERT_EQ(::chmod(edge.socket().c_str(), 0), 0);
  }
  const std::string error = error_at(edge.socket());
  if (::getuid() == 0) {
    ASSERT_EQ(::seteuid(0), 0);
    EXPECT_EQ(error, "permission denied at " + edge.socket() + ": run as root or join group 12345");
  }
  EXPECT_EQ(error.find("permission denied at " + edge.socket() + ": run as root"), 0u) << error;
}

TEST_F(ApiClientTest, PassesOnWhatTheApiRefuses) {
  edge.answer(
      "GET /status",
      {422, R"({"title":"x","status":422,"detail":"10.0.0.1/8 has\nhost bits","field":"prefix"})"});
  EXPECT_EQ(error_at(edge.socket()), "10.0.0.1/8 has\\nhost bits");
  edge.answer("GET /status", {401, R"({"detail":"no token"})"});
  EXPECT_EQ(error_at(edge.socket()),
            "no token (give the file that holds it with --api-token-file or "
            "ONEPING_API_TOKEN_FILE)");
  for (const Answer& foreign : {Answer{404, "<html>", "text/html"}, Answer{500, "[]"},
                                Answer{502, ""}, Answer{400, "{}"}}) {
    edge.answer("GET /status", foreign);
    EXPECT_EQ(error_at(edge.socket()), "what answers at " + edge.socket() +
                                           " is not the API of an edge (HTTP " +
                                           std::to_string(foreign.status) + ")");
  }
  edge.answer("GET /status", {200, "welcome", "text/plain"});
  EXPECT_EQ(error_at(edge.socket()),
            "what answers at " + edge.socket() + " is not the API of an edge");
}

TEST_F(ApiClientTest, AServerThatGoesAway) {
  const std::string path = edge.folder() / "gone.sock";
  const Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  path.copy(name.sun_path, sizeof name.sun_path - 1);
  ASSERT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  ASSERT_EQ(::listen(fd.get(), 1), 0);
  std::thread peer([&] {
    const Fd connection(::accept(fd.get(), nullptr, nullptr));
    char bytes[64];
    (void)!::read(connection.get(), bytes, sizeof bytes);
  });
  EXPECT_EQ(error_at(path).find("the edge at " + path + " went away"), 0u);
  peer.join();
  EXPECT_EQ(error_at(path, 1), "the edge at " + path +
                                   " went away, or was silent for 1 s: see whether it runs, and "
                                   "what it has done, before you try again");
}

TEST_F(ApiClientTest, ReadsListsPageByPage) {
  edge.answer("GET /tunnels?limit=1000", R"({"items":[1,2],"next":"a&b"})");
  edge.answer("GET /tunnels?limit=1000&after=a%26b", R"({"items":[3],"next":4})");
  edge.answer("GET /tunnels?limit=1000&after=4", R"({"items":[5],"next":null})");
  edge.answer("GET /tunnels?limit=3", R"({"items":[1,2],"next":"a"})");
  edge.answer("GET /tunnels?limit=1&after=a", R"({"items":[3,4],"next":"b"})");
  edge.answer("GET /endless?limit=1000", R"({"items":[],"next":1})");
  const auto client = ApiClient::open({edge.socket(), "", std::chrono::seconds(30)});
  EXPECT_EQ(
      client->list({"GET", "/tunnels", {}, {}}, std::numeric_limits<std::size_t>::max())->dump(),
      "[1,2,3,5]");
  EXPECT_EQ(client->list({"GET", "/tunnels", {}, {}}, 3)->dump(), "[1,2,3]");
  EXPECT_EQ(
      client->list({"GET", "/endless", {}, {}}, std::numeric_limits<std::size_t>::max())->dump(),
      "[]");
}

TEST_F(ApiClientTest, BearsTheTokenInTheFile) {
  edge.answer("GET /status", "{}");
  const auto ask = [&](const std::string& file) {
    return ApiClient::open({edge.socket(), file, std::chrono::seconds(30)});
  };
  ASSERT_TRUE(ask(edge.folder().put("token", "opa_x\n"))->call({"GET", "/status", {}, {}}));
  EXPECT_EQ(edge.header("Authorization"), "Bearer opa_x");
  EXPECT_EQ(edge.header("Host"), "localhost");

  const std::string none = edge.folder() / "none";
  EXPECT_EQ(ask(none).error().message,
            "reading the API token in " + none + ": No such file or directory");
  for (const char* wrong : {"", "\n", "a b", "a\r\nX: y"}) {
    const auto client = ask(edge.folder().put("wrong", wrong));
    ASSERT_FALSE(client) << wrong;
    EXPECT_NE(client.error().message.find("holds no API token"), std::string::npos);
  }
}

TEST_F(ApiClientTest, TakesItsAddressFromTheEnvironment) {
  edge.answer("GET /status", "{}");
  ::setenv("ONEPING_API", edge.socket().c_str(), 1);
  ::setenv("ONEPING_API_TOKEN_FILE", edge.folder().put("token", "opa_x").c_str(), 1);
  EXPECT_EQ(run_words({"edge", "status", "-o", "json"}).out, "{}\n");
  EXPECT_EQ(edge.header("Authorization"), "Bearer opa_x");
  EXPECT_EQ(run_words({"edge", "status", "--api", "/nowhere/edge.sock"}).code, 1);
  ::unsetenv("ONEPING_API");
  ::unsetenv("ONEPING_API_TOKEN_FILE");
}

TEST_F(ApiClientTest, SpeaksHttpOverTcp) {
  httplib::Server server;
  std::string host;
  server.Get("/api/v1/status", [&](const httplib::Request& request, httplib::Response& response) {
    host = request.get_header_value("Host");
    response.set_content(R"({"name":"edge"})", "application/json");
  });
  const int port = server.bind_to_any_port("127.0.0.1");
  std::thread thread([&] { server.listen_after_bind(); });
  while (!server.is_running()) std::this_thread::yield();
  const std::string api = "http://127.0.0.1:" + std::to_string(port);
  EXPECT_EQ(run_words({"edge", "status", "--api", api, "-o", "json"}).out, "{\"name\":\"edge\"}\n");
  server.stop();
  thread.join();
  EXPECT_EQ(host, "127.0.0.1:" + std::to_string(port));
}

}  // namespace
}  // namespace oneping::admin
