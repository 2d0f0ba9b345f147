#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "app/flow_log_line.h"
#include "app/flow_log_writer.h"
#include "app/testing_folder.h"

namespace oneping {
namespace {

edge::FlowVerdict verdict() {
  edge::FlowVerdict verdict;
  verdict.who = std::make_shared<edge::Identity>(
      edge::Identity{.id = 7, .device = "laptop", .user = "alice", .groups = {}, .tags = {}});
  verdict.from = *IpAddress::parse("100.96.0.1");
  verdict.to = *IpAddress::parse("172.16.10.120");
  PolicyRule rule{.name = "no \"quotes\""};
  rule.verdict = Verdict::deny;
  verdict.policies = std::make_shared<PolicyTable>(std::vector{rule}, Verdict::allow);
  verdict.rule = 0;
  verdict.verdict = Verdict::deny;
  verdict.tunnel = std::make_shared<edge::TunnelConfig>(
      edge::TunnelConfig{.name = "office", .id = {}, .account = "a", .secrets = {}});
  return verdict;
}

std::string contents(const std::string& path) {
  std::stringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::size_t lines(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

TEST(FlowLogLine, HoldsWhoWhereWhatAndWhy) {
  const control::Timestamp time{std::chrono::milliseconds(1700000000123)};
  EXPECT_EQ(flow_log_line(verdict(), time),
            R"({"time":"2023-11-14T22:13:20.123Z","device":"laptop","user":"alice",)"
            R"("from":"100.96.0.1","to":"172.16.10.120","protocol":"icmp","verdict":"deny",)"
            R"("rule":"no \"quotes\"","tunnel":"office"})"
            "\n");
}

TEST(FlowLogLine, UdpHasItsPortAndWhatIsAbsentIsNull) {
  auto udp = verdict();
  udp.protocol = Protocol::udp;
  udp.port = 53;
  udp.who = nullptr;
  udp.tunnel = nullptr;
  udp.rule = PolicyDecision::kDefault;
  const auto line = nlohmann::json::parse(flow_log_line(udp, {}));
  EXPECT_EQ(line["port"], 53);
  EXPECT_TRUE(line["device"].is_null() && line["user"].is_null() && line["tunnel"].is_null());
  EXPECT_EQ(line["rule"], "default");
}

TEST(FlowLogWriter, WritesWhatWaitsBeforeItEndsAndGoesOnWithTheFile) {
  const TestingFolder folder;
  const std::string path = folder / "flows";
  for (const std::size_t total : {3u, 6u}) {
    auto writer = FlowLogWriter::open(path, 1 << 20);
    ASSERT_TRUE(writer) << writer.error().message;
    for (int i = 0; i < 3; ++i) (*writer)->on_verdict(verdict());
    writer->reset();
    EXPECT_EQ(lines(contents(path)), total);
  }
}

TEST(FlowLogWriter, CountsWhatTheRingCannotTake) {
  const TestingFolder folder;
  auto writer = FlowLogWriter::open(folder / "flows", 1 << 30);
  ASSERT_TRUE(writer);
  constexpr std::uint64_t kMany = 5 * FlowLogWriter::kRing;
  for (std::uint64_t i = 0; i < kMany; ++i) (*writer)->on_verdict(verdict());
  const std::uint64_t dropped = (*writer)->dropped();
  writer->reset();
  EXPECT_EQ(lines(contents(folder / "flows")) + dropped, kMany);
}

TEST(FlowLogWriter, PutsAFullFileAside) {
  const TestingFolder folder;
  const std::string path = folder / "flows";
  const std::size_t size = flow_log_line(verdict(), {}).size();
  for (int i = 0; i < 4; ++i) {
    auto writer = FlowLogWriter::open(path, size * 5 / 2);
    ASSERT_TRUE(writer);
    (*writer)->on_verdict(verdict());
    writer->reset();
  }
  EXPECT_EQ(lines(contents(path)), 2u);
  EXPECT_EQ(lines(contents(path + ".1")), 2u);
}

TEST(FlowLogWriter, ADiskThatRefusesIsCountedAndNothingElse) {
  auto writer = FlowLogWriter::open("/dev/full", 1 << 20);
  ASSERT_TRUE(writer);
  for (int i = 0; i < 3; ++i) (*writer)->on_verdict(verdict());
  for (int i = 0; i < 500 && (*writer)->dropped() == 0; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  EXPECT_EQ((*writer)->dropped(), 3u);
  EXPECT_EQ((*writer)->written(), 0u);
}

TEST(FlowLogWriter, AFolderThatIsNotThereIsNamed) {
  const auto writer = FlowLogWriter::open("/nonexistent/flows", 1 << 20);
  ASSERT_FALSE(writer);
  EXPECT_EQ(writer.error().message,
            "opening the flow log /nonexistent/flows: No such file or directory");
}

}  // namespace
}  // namespace oneping
