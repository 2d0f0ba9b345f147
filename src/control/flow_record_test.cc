#include "control/flow_record.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "control/testing/flow_verdict.h"

namespace oneping::control {
namespace {

using testing::verdict;

TEST(FlowRecord, HoldsWhoWhereWhatAndWhy) {
  const Timestamp time{std::chrono::milliseconds(1700000000123)};
  EXPECT_EQ(to_text(record_of(verdict(), time)),
            R"({"time":"2023-11-14T22:13:20.123Z","device":"laptop","user":"alice",)"
            R"("from":"100.96.0.1","to":"172.16.10.120","protocol":"icmp","verdict":"deny",)"
            R"("rule":"no \"quotes\"","tunnel":"office"})");
}

TEST(FlowRecord, ACheckInADevicesNameIsToldFromTheDevice) {
  auto check = verdict();
  EXPECT_FALSE(nlohmann::json::parse(to_text(record_of(check, {}))).contains("check"));
  check.on_behalf = true;
  EXPECT_EQ(nlohmann::json::parse(to_text(record_of(check, {})))["check"], true);
}

TEST(FlowRecord, UdpHasItsPortAndWhatIsAbsentIsNull) {
  auto udp = verdict();
  udp.protocol = Protocol::udp;
  udp.port = 53;
  udp.who = nullptr;
  udp.tunnel = nullptr;
  udp.rule = PolicyDecision::kDefault;
  const auto json = nlohmann::json::parse(to_text(record_of(udp, {})));
  EXPECT_EQ(json["port"], 53);
  EXPECT_TRUE(json["device"].is_null() && json["user"].is_null() && json["tunnel"].is_null());
  EXPECT_EQ(json["rule"], "default");
}

}  // namespace
}  // namespace oneping::control
