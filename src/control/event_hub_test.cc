#include "control/event_hub.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace oneping::control {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr Duration kNoPatience{};
constexpr const char* kGreeting = ": listening\n\n";

std::string next(EventReader& reader) { return reader.next(kNoPatience).value_or("the end"); }

TEST(EventHub, TellsWhatHappensFromNowOn) {
  EventHub hub;
  hub.publish("before", "{}");
  const auto reader = hub.subscribe(std::nullopt);
  EXPECT_EQ(next(*reader), kGreeting);
  EXPECT_EQ(next(*reader), ":\n\n");
  hub.publish("route.create", R"({"object":"10.0.0.0/8"})");
  hub.publish("tunnel.up", "{}");
  EXPECT_EQ(next(*reader),
            "id: 2\nevent: route.create\ndata: {\"object\":\"10.0.0.0/8\"}\n\n"
            "id: 3\nevent: tunnel.up\ndata: {}\n\n");
  EXPECT_EQ(next(*reader), ":\n\n");
}

TEST(EventHub, ResumesAfterTheLastThatWasSeen) {
  EventHub hub(100);
  for (int i = 0; i < 3; ++i) hub.publish("e", "{}");
  const auto reader = hub.subscribe(101);
  EXPECT_EQ(next(*reader), kGreeting);
  EXPECT_EQ(next(*reader), "id: 102\nevent: e\ndata: {}\n\n");
}

TEST(EventHub, TellsOfAGap) {
  EventHub hub(100);
  for (std::size_t i = 0; i < EventHub::kKept + 5; ++i) hub.publish("e", "{}");
  struct Case {
    const char* name;
    std::uint64_t last_seen;
    bool gap;
  };
  for (const Case& c :
       {Case{"the last before the oldest kept", 104, false}, Case{"one older", 103, true},
        Case{"of an earlier run", 7, true}, Case{"the newest", 100 + EventHub::kKept + 4, false},
        Case{"of a later run", 1'000'000, true},
        Case{"the largest number", ~std::uint64_t{0}, true}}) {
    const auto reader = hub.subscribe(c.last_seen);
    EXPECT_EQ(next(*reader).find("event: gap") != std::string::npos, c.gap) << c.name;
  }
}

TEST(EventHub, EndsWhoReadsTooSlowly) {
  EventHub hub;
  const auto slow = hub.subscribe(std::nullopt);
  EXPECT_EQ(next(*slow), kGreeting);
  for (std::size_t i = 0; i < EventHub::kKept; ++i) hub.publish("e", "{}");
  const auto in_time = hub.subscribe(0);
  EXPECT_EQ(next(*in_time), kGreeting);
  EXPECT_NE(next(*in_time), "the end");
  hub.publish("one too many", "{}");
  EXPECT_EQ(next(*slow), "the end");
  EXPECT_NE(next(*in_time), "the end") << "has read some of them";
}

TEST(EventHub, HasSixteenListenersAtMost) {
  EventHub hub;
  std::vector<std::unique_ptr<EventReader>> readers;
  for (std::size_t i = 0; i < EventHub::kMaxReaders; ++i) {
    readers.push_back(hub.subscribe(std::nullopt));
    ASSERT_NE(readers.back(), nullptr);
  }
  EXPECT_EQ(hub.subscribe(std::nullopt), nullptr);
  readers.pop_back();
  EXPECT_NE(hub.subscribe(std::nullopt), nullptr);
}

TEST(EventHub, EndsEverybodyWhenItCloses) {
  std::unique_ptr<EventReader> later;
  {
    EventHub hub;
    const auto waiting = hub.subscribe(std::nullopt);
    EXPECT_EQ(next(*waiting), kGreeting);
    std::thread listener([&] { EXPECT_FALSE(waiting->next(seconds(60))); });
    hub.close();
    listener.join();
    later = hub.subscribe(std::nullopt);
    ASSERT_NE(later, nullptr);
  }
  EXPECT_FALSE(later->next(seconds(60))) << "a reader may outlive the hub";
}

// Every reader sees every event once and in order, whoever publishes when.
TEST(EventHub, LosesNothingBetweenThreads) {
  constexpr int kWriters = 3;
  constexpr int kReaders = 4;
  constexpr std::uint64_t kEach = 300;  // fewer in all than are kept
  EventHub hub;
  std::vector<std::unique_ptr<EventReader>> readers;
  for (int i = 0; i < kReaders; ++i) readers.push_back(hub.subscribe(std::nullopt));

  std::vector<std::thread> threads;
  std::vector<std::string> heard(kReaders);
  for (int i = 0; i < kReaders; ++i) {
    threads.emplace_back([&, i] {
      const std::string last = "id: " + std::to_string(kWriters * kEach) + "\n";
      while (heard[i].find(last) == std::string::npos) {
        const auto piece = readers[i]->next(seconds(60));
        if (!piece) return;
        if (!piece->starts_with(':')) heard[i] += *piece;
      }
    });
  }
  for (int i = 0; i < kWriters; ++i) {
    threads.emplace_back([&] {
      for (std::uint64_t n = 0; n < kEach; ++n) hub.publish("e", "{}");
    });
  }
  for (auto& thread : threads) thread.join();
  std::string expected;
  for (std::uint64_t id = 1; id <= kWriters * kEach; ++id) {
    expected += "id: " + std::to_string(id) + "\nevent: e\ndata: {}\n\n";
  }
  for (const auto& text : heard) EXPECT_EQ(text, expected);
}

}  // namespace
}  // namespace oneping::control
