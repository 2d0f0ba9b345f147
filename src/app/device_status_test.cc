// What `oneping device status` says, from the state that it is made of.
#include "app/device_status.h"

#include <gtest/gtest.h>

#include "device/testing/fake_link.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;

struct Sample {
  StoredDevice stored{.edge = *HostPort::parse("edge.example:7844"), .name = "laptop", .id = 7};
  device::InterfacePlan plan{1410,
                             {*IpAddress::parse("100.96.0.7"), *IpAddress::parse("fd00::7")},
                             {*Prefix::parse("10.0.0.0/8")}};
  PacketPool pool;
  device::testing::FakeLink host;
  device::PacketPath path{device::HostKind::kernel, host, pool};
  DeviceReport report{.now = Time(100s),
                      .today = std::chrono::sys_days(std::chrono::year(2026) / 12 / 1) + 12h,
                      .stored = stored,
                      .interface = "oneping",
                      .interface_problems = {},
                      .session = {.state = device::SessionState::open,
                                  .since = Time(40s),
                                  .path = quic::Path{*SocketAddress::parse("192.0.2.10:40000"),
                                                     *SocketAddress::parse("192.0.2.1:7844")},
                                  .round_trip = 1500us,
                                  .packet_size = 1410,
                                  .sessions = 2,
                                  .sent = 1000,
                                  .lost = 5},
                      .plan = plan,
                      .certificate = {},
                      .path = path};
};

std::string shown(const nlohmann::ordered_json& status) {
  ::testing::internal::CaptureStdout();
  print_status(status, false);
  return ::testing::internal::GetCapturedStdout();
}

TEST(DeviceStatus, OpenSession) {
  const Sample sample;
  const auto json = to_json(sample.report);
  EXPECT_EQ(json["schema"], 1);
  EXPECT_EQ(json["state"], "open");
  EXPECT_EQ(json["since"], "2026-12-01T11:59:00.000Z");
  EXPECT_EQ(json["edge_address"], "192.0.2.1:7844");
  EXPECT_EQ(json["local_address"], "192.0.2.10:40000");
  EXPECT_EQ(json["mtu"], 1410);
  EXPECT_EQ(json["addresses"].dump(), R"(["100.96.0.7","fd00::7"])");
  EXPECT_EQ(json["routes"].dump(), R"(["10.0.0.0/8"])");
  EXPECT_EQ(json["rtt_ms"], 1.5);
  EXPECT_EQ(json["datagrams_lost"], 5);
  EXPECT_TRUE(json["last_problem"].is_null());
  EXPECT_EQ(summary(sample.report), "100.96.0.7, fd00::7; 1 route");
  const std::string text = shown(json);
  EXPECT_NE(text.find("1000 sent, 5 lost (0.5 %)"), text.npos) << text;
  EXPECT_NE(text.find("100.96.0.7, fd00::7"), text.npos) << text;
}

TEST(DeviceStatus, SaysWhyThereIsNone) {
  Sample sample;
  sample.report.session = {.state = device::SessionState::waiting,
                           .last_problem = device::Problem{device::Trouble::no_route, "no route"},
                           .last_problem_at = Time(90s)};
  sample.report.interface_problems = "one\ntwo\n";
  const auto json = to_json(sample.report);
  EXPECT_EQ(json["state"], "waiting");
  EXPECT_TRUE(json["rtt_ms"].is_null());
  EXPECT_EQ(json["last_problem"].dump(),
            R"({"kind":"no_route","text":"no route","time":"2026-12-01T11:59:50.000Z"})");
  EXPECT_EQ(json["interface_problems"], "one; two");
  const std::string text = shown(json);
  EXPECT_NE(text.find("no route (2026-12-01T11:59:50.000Z)"), text.npos) << text;
  EXPECT_NE(text.find("0 sent, 0 lost (0 %)"), text.npos) << text;
}

// Thousands of routes are not for people.
TEST(DeviceStatus, ManyRoutesAreCounted) {
  Sample sample;
  sample.plan.routes.clear();
  for (std::uint32_t i = 0; i < 100; ++i)
    sample.plan.routes.emplace_back(IpAddress::v4(i << 8), 24);
  const auto json = to_json(sample.report);
  EXPECT_EQ(json["routes"].size(), 100u);
  const std::string text = shown(json);
  EXPECT_NE(text.find("0.0.15.0/24 and 84 more"), text.npos) << text;
}

}  // namespace
}  // namespace oneping
