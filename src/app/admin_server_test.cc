#include "app/admin_server.h"

#include <gtest/gtest.h>
#include <httplib.h>

#include <atomic>
#include <nlohmann/json.hpp>
#include <thread>

#include "app/host_header.h"
#include "app/metrics.h"

namespace oneping {
namespace {

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

TEST(HostHeader, TrustsThisMachineOnly) {
  const IpAddress listening = *IpAddress::parse("192.0.2.9");
  for (const char* host : {"localhost", "localhost:1", "127.0.0.1", "127.0.0.1:9790", "[::1]",
                           "[::1]:9790", "192.0.2.9", "192.0.2.9:80"}) {
    EXPECT_TRUE(is_trusted_host(host, listening)) << host;
  }
  for (const char* host : {"", ":", "[", "[]", "evil", "localhost.evil", "127.0.0.1.evil",
                           "192.0.2.8", "[::2]", "127.0.0.2"}) {
    EXPECT_FALSE(is_trusted_host(host, listening)) << host;
  }
}

}  // namespace
}  // namespace oneping
