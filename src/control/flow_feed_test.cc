#include "control/flow_feed.h"

#include <gtest/gtest.h>

#include <thread>

namespace oneping::control {
namespace {

constexpr const char* kGreeting = ": listening\n\n";

FlowRecord record(const std::string& device, const std::string& to = "10.0.0.1") {
  FlowRecord record;
  record.device = device;
  record.user = "alice";
  record.from = *IpAddress::parse(to.find(':') == to.npos ? "100.96.0.1" : "fd00:100:96::1");
  record.to = *IpAddress::parse(to);
  record.rule = "default";
  return record;
}

std::string next(EventReader& reader) { return reader.next({}).value_or("the end"); }

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t found = 0;
  for (auto at = text.find(what); at != text.npos; at = text.find(what, at + 1)) ++found;
  return found;
}

TEST(FlowFeed, TellsWhatWasAndWhatComes) {
  FlowFeed feed;
  feed.publish({record("before")});
  const auto reader = feed.subscribe({});
  EXPECT_EQ(next(*reader),
            std::string(kGreeting) + "event: flow\ndata: " + to_text(record("before")) + "\n\n");
  EXPECT_EQ(next(*reader), EventReader::kKeepAlive);
  feed.publish({record("a"), record("b")});
  EXPECT_EQ(next(*reader), "event: flow\ndata: " + to_text(record("a")) +
                               "\n\nevent: flow\ndata: " + to_text(record("b")) + "\n\n");
}

TEST(FlowFeed, TellsEachReaderWhatHeWants) {
  FlowRecord other = record("laptop", "10.9.0.1");
  other.user = std::nullopt;
  other.verdict = Verdict::deny;
  other.rule = "no-finance";
  other.tunnel = "office";
  other.protocol = Protocol::udp;
  other.port = 53;
  const FlowRecord plain = record("phone");
  const FlowRecord v6 = record("phone", "fd00::1");
  struct Case {
    const char* name;
    FlowFilter filter;
    bool other, plain, v6;
  };
  for (const Case& c : {
           Case{"no filter", {}, true, true, true},
           Case{"device", {.device = "laptop"}, true, false, false},
           Case{"user", {.user = "alice"}, false, true, true},
           Case{"to", {.to = Prefix::parse("10.9.0.0/16")}, true, false, false},
           Case{"to a host", {.to = Prefix::parse("fd00::1")}, false, false, true},
           Case{"from", {.from = Prefix::parse("100.96.0.0/12")}, true, true, false},
           Case{"protocol", {.protocol = Protocol::udp}, true, false, false},
           Case{"verdict", {.verdict = Verdict::deny}, true, false, false},
           Case{"rule", {.rule = "default"}, false, true, true},
           Case{"tunnel", {.tunnel = "office"}, true, false, false},
           Case{"two", {.device = "phone", .to = Prefix::parse("10.0.0.0/8")}, false, true, false},
           Case{"none", {.device = "nobody"}, false, false, false},
       }) {
    EXPECT_EQ(c.filter.wants(other), c.other) << c.name;
    EXPECT_EQ(c.filter.wants(plain), c.plain) << c.name;
    EXPECT_EQ(c.filter.wants(v6), c.v6) << c.name;
  }
  FlowFeed feed;
  const auto reader = feed.subscribe({.device = "laptop"});
  EXPECT_EQ(next(*reader), kGreeting);
  feed.publish({other, plain, v6, other});
  const std::string told = next(*reader);
  EXPECT_EQ(count(told, "event: flow"), 2u);
  EXPECT_EQ(count(told, "phone"), 0u);
}

// Everything that was published is told or counted, in order.
TEST(FlowFeed, CountsWhatASlowReaderMisses) {
  FlowFeed feed;
  const auto reader = feed.subscribe({});
  EXPECT_EQ(next(*reader), kGreeting);
  constexpr std::size_t kMissed = 5;
  for (std::size_t i = 0; i < FlowFeed::kKept + kMissed; ++i) {
    feed.publish({record("d" + std::to_string(i))});
  }
  std::string told = next(*reader);
  EXPECT_TRUE(told.starts_with("event: left-out\ndata: {\"count\": 5}\n\nevent: flow\n")) << told;
  EXPECT_EQ(count(told, "\"d5\""), 1u);
  for (std::string more = next(*reader); more != EventReader::kKeepAlive; more = next(*reader)) {
    told += more;
  }
  EXPECT_EQ(count(told, "event: flow"), FlowFeed::kKept);
  EXPECT_EQ(count(told, "left-out"), 1u);
}

TEST(FlowFeed, CountsWhatWasLeftOutBeforeIt) {
  FlowFeed feed;
  const auto reader = feed.subscribe({});
  EXPECT_EQ(next(*reader), kGreeting);
  feed.publish({record("early")});
  feed.publish({record("late")}, 7);
  const std::string told = next(*reader);
  EXPECT_NE(told.find("\"count\": 8"), std::string::npos) << told;
  EXPECT_EQ(count(told, "early"), 0u) << "there is a gap behind it";
  EXPECT_EQ(count(told, "late"), 1u);
}

TEST(FlowFeed, HasEightListenersAtMost) {
  FlowFeed feed;
  std::vector<std::unique_ptr<EventReader>> readers;
  for (std::size_t i = 0; i < FlowFeed::kMaxReaders; ++i) {
    readers.push_back(feed.subscribe({}));
    ASSERT_NE(readers.back(), nullptr);
  }
  EXPECT_EQ(feed.subscribe({}), nullptr);
  readers.pop_back();
  EXPECT_NE(feed.subscribe({}), nullptr);
}

TEST(FlowFeed, EndsEverybodyWhenItCloses) {
  std::unique_ptr<EventReader> later;
  {
    FlowFeed feed;
    const auto waiting = feed.subscribe({});
    EXPECT_EQ(next(*waiting), kGreeting);
    std::thread listener([&] { EXPECT_FALSE(waiting->next(std::chrono::seconds(60))); });
    feed.close();
    listener.join();
    later = feed.subscribe({});
    ASSERT_NE(later, nullptr);
  }
  EXPECT_FALSE(later->next(std::chrono::seconds(60))) << "a reader may outlive the feed";
}

}  // namespace
}  // namespace oneping::control
