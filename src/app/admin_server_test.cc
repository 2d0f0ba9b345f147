#include "app/admin_server.h"

#include <gtest/gtest.h>
#include <httplib.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <atomic>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <thread>

#include "app/host_header.h"
#include "app/metrics.h"

namespace oneping {
namespace {

// What the program logs while this lives.
class LogText {
 public:
  LogText() {
    spdlog::set_default_logger(std::make_shared<spdlog::logger>(
        "", std::make_shared<spdlog::sinks::ostream_sink_mt>(text_)));
    spdlog::set_pattern("%l: %v");
  }
  ~LogText() { spdlog::set_default_logger(before_); }
  LogText(const LogText&) = delete;
  LogText& operator=(const LogText&) = delete;

  [[nodiscard]] std::string text() const { return text_.str(); }

 private:
  std::shared_ptr<spdlog::logger> before_ = spdlog::default_logger();
  std::ostringstream text_;
};

// A loop that runs on a thread of its own, as a role's does.
class AdminServerTest : public ::testing::TestWithParam<const char*> {
 protected:
  AdminServerTest() {
    auto started = AdminServer::start({*IpAddress::parse(GetParam()), 0}, loop, source());
    EXPECT_TRUE(started) << started.error().message;
    if (started) server = std::move(*started);
    run();
  }
  ~AdminServerTest() override {
    halt();
    server.reset();
  }

  AdminSource source() {
    return {.is_ready = [this] { return ready.load(); },
            .details =
                [this] {
                  EXPECT_EQ(std::this_thread::get_id(), loop_thread.get_id());
                  return nlohmann::json{{"readyConnections", 2}};
                },
            .metrics =
                [] {
                  Metrics metrics;
                  metrics.add_gauge("oneping_flows", "Flows.", 3);
                  return metrics.take();
                }};
  }
  void run() {
    loop_thread =
        std::thread([this] { loop.run({.on_deadline = [](Time) {}, .on_turn_end = [](Time) {}}); });
  }
  void halt() {
    if (!loop_thread.joinable()) return;
    loop.post([this] { loop.stop(); });
    loop_thread.join();
  }
  httplib::Result get(const char* path, const std::string& host = "localhost") {
    httplib::Client client(GetParam(), server->address().port);
    return client.Get(path, httplib::Headers{{"Host", host}});
  }

  LogText log;
  std::atomic<bool> ready = true;
  EventLoop loop;
  std::thread loop_thread;
  std::unique_ptr<AdminServer> server;
};

INSTANTIATE_TEST_SUITE_P(BothFamilies, AdminServerTest, ::testing::Values("127.0.0.1", "::1"),
                         [](const auto& address) { return address.index == 0 ? "v4" : "v6"; });

TEST_P(AdminServerTest, ReadySaysTheStateByStatusAndJson) {
  auto response = get("/ready");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->get_header_value("Content-Type"), "application/json");
  EXPECT_EQ(nlohmann::json::parse(response->body),
            (nlohmann::json{{"status", 200}, {"readyConnections", 2}}));
  ready = false;
  response = get("/ready");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(nlohmann::json::parse(response->body)["status"], 503);
}

TEST_P(AdminServerTest, MetricsAndHealth) {
  const auto metrics = get("/metrics");
  ASSERT_TRUE(metrics);
  EXPECT_EQ(metrics->status, 200);
  EXPECT_NE(metrics->body.find("\noneping_flows 3\n"), std::string::npos) << metrics->body;
  EXPECT_EQ(get("/healthz")->status, 200);
  EXPECT_EQ(get("/nothing")->status, 404);
}

TEST_P(AdminServerTest, ForeignHostHeaderIsRefused) {
  for (const char* host : {"evil.example", "evil.example:9790", "", "192.0.2.1"}) {
    EXPECT_EQ(get("/metrics", host)->status, 403) << host;
    EXPECT_EQ(get("/healthz", host)->status, 403) << host;
  }
  EXPECT_EQ(get("/metrics", "localhost:1234")->status, 200);
}

TEST_P(AdminServerTest, LoopbackIsNothingToWarnOf) { EXPECT_EQ(log.text(), ""); }

class ReachableAdminServerTest : public AdminServerTest {};

INSTANTIATE_TEST_SUITE_P(BothFamilies, ReachableAdminServerTest, ::testing::Values("0.0.0.0", "::"),
                         [](const auto& address) { return address.index == 0 ? "v4" : "v6"; });

TEST_P(ReachableAdminServerTest, AnswersToTheNamesThatScrapersKnow) {
  for (const char* host : {"edge.example", "edge.example:9790", "192.0.2.1", "localhost"}) {
    EXPECT_EQ(get("/metrics", host)->status, 200) << host;
    EXPECT_EQ(get("/ready", host)->status, 200) << host;
  }
}

TEST_P(ReachableAdminServerTest, WarnsOnceOfWhatTheNetworkSees) {
  EXPECT_EQ(get("/ready", "edge.example")->status, 200);
  EXPECT_EQ(log.text(), "warning: /metrics and /ready are reachable from the network at " +
                            server->address().to_string() + "\n");
}

TEST_P(AdminServerTest, LoopThatStandsStillMakesItUnavailableNotHang) {
  halt();
  const auto response = get("/ready");
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 503);
  EXPECT_EQ(get("/healthz")->status, 200);
}

TEST_P(AdminServerTest, PortInUseIsOneLineWithTheAddress) {
  const auto second = AdminServer::start(server->address(), loop, source());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "listening for admin requests at " +
                                        server->address().to_string() + ": Address already in use");
}

TEST(HostHeader, LoopbackTrustsThisMachineOnly) {
  const IpAddress listening = *IpAddress::parse("127.0.0.9");
  for (const char* host : {"localhost", "localhost:1", "127.0.0.1", "127.0.0.1:9790", "[::1]",
                           "[::1]:9790", "127.0.0.9", "127.0.0.9:80"}) {
    EXPECT_TRUE(is_trusted_host(host, listening)) << host;
  }
  for (const char* host : {"", ":", "[", "[]", "evil", "localhost.evil", "127.0.0.1.evil",
                           "192.0.2.8", "[::2]", "127.0.0.2"}) {
    EXPECT_FALSE(is_trusted_host(host, listening)) << host;
    EXPECT_FALSE(is_trusted_host(host, *IpAddress::parse("::1"))) << host;
  }
}

TEST(HostHeader, OtherAddressesTrustEveryName) {
  for (const char* listening : {"0.0.0.0", "::", "192.0.2.9", "2001:db8::9"}) {
    for (const char* host : {"", "edge.example:9790", "192.0.2.9", "[2001:db8::9]:80"}) {
      EXPECT_TRUE(is_trusted_host(host, *IpAddress::parse(listening))) << listening << ' ' << host;
    }
  }
}

}  // namespace
}  // namespace oneping
