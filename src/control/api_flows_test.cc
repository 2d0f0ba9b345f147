#include <gtest/gtest.h>

#include "control/testing/api_case.h"

namespace oneping::control {
namespace {

using testing::FurnishedWorld;
using testing::run;

TEST(ApiFlows, Filters) {
  run({
      {"a prefix", "GET", "/flows", nullptr, 200, "", "", {{"to", "10.0.0.0/8"}}},
      {"an address", "GET", "/flows", nullptr, 200, "", "", {{"from", "fd00::1"}}},
      {"no prefix", "GET", "/flows", nullptr, 422, "", "to", {{"to", "office"}}},
      {"no verdict", "GET", "/flows", nullptr, 422, "", "verdict", {{"verdict", "maybe"}}},
      {"no protocol", "GET", "/flows", nullptr, 422, "", "protocol", {{"protocol", "tcp"}}},
      {"nobody's device", "GET", "/flows", nullptr, 200, "", "", {{"device", "nobody"}}},
      {"unknown", "GET", "/flows", nullptr, 400, "", "port", {{"port", "53"}}},
  });
}

TEST(ApiFlows, StreamsWhatTheFilterWants) {
  FurnishedWorld world;
  FlowRecord record;
  record.device = "laptop";
  record.from = *IpAddress::parse("100.96.0.1");
  record.to = *IpAddress::parse("10.0.0.1");
  record.rule = "no-dns";
  record.verdict = Verdict::deny;
  FlowRecord other = record;
  other.device = "phone";
  world.control->flow_feed().publish({record, other});
  const ApiResponse response =
      world.ask("GET", "/flows", nullptr, {{"device", "laptop"}, {"verdict", "deny"}});
  ASSERT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "text/event-stream");
  EXPECT_EQ(response.events->next({}),
            ": listening\n\nevent: flow\ndata: " + to_text(record) + "\n\n");
}

TEST(ApiFlows, TooManyListenersAreRefused) {
  FurnishedWorld world;
  std::vector<ApiResponse> listeners;
  for (std::size_t i = 0; i < FlowFeed::kMaxReaders; ++i) {
    listeners.push_back(world.ask("GET", "/flows"));
    ASSERT_EQ(listeners.back().status, 200);
  }
  EXPECT_EQ(world.ask("GET", "/flows").status, 503);
}

}  // namespace
}  // namespace oneping::control
