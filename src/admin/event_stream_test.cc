#include "admin/event_stream.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <vector>

namespace oneping::admin {
namespace {

std::vector<std::string> events_in(const std::vector<std::string>& pieces) {
  std::vector<std::string> events;
  EventStream stream(
      [&](const StreamEvent& e) { events.push_back(e.id + "|" + e.name + "|" + e.data); });
  for (const auto& piece : pieces) EXPECT_TRUE(stream.on_bytes(piece));
  return events;
}

using Events = std::vector<std::string>;

TEST(EventStream, TakesEventsApart) {
  struct Case {
    const char* name;
    const char* text;
    Events events;
  };
  const Case cases[] = {
      {"nothing", "", {}},
      {"one", "id: 7\nevent: tunnel.up\ndata: {}\n\n", {"7|tunnel.up|{}"}},
      {"not ended", "event: tunnel.up\ndata: {}\n", {}},
      {"a comment keeps the connection", ": still here\n\ndata: x\n\n", {"||x"}},
      {"the id stays, the name does not",
       "id: 1\nevent: a\ndata: x\n\ndata: y\n\n",
       {"1|a|x", "1||y"}},
      {"without data there is no event", "event: a\n\n", {}},
      {"data in lines", "data: a\ndata:b\ndata\ndata:  c\n\n", {"||a\nb\n\n c"}},
      {"CR LF and CR", "event: a\r\ndata: x\r\n\r\nevent: b\rdata: y\r\r", {"|a|x", "|b|y"}},
      {"fields of another time", "retry: 5\nfoo\ndata: x\n\n", {"||x"}},
  };
  for (const auto& c : cases) EXPECT_EQ(events_in({c.text}), c.events) << c.name;
}

TEST(EventStream, RefusesWhatNeverEnds) {
  EventStream stream([](const StreamEvent&) {});
  const std::string line = "data: " + std::string(1000, 'x') + "\n";
  bool is_fine = true;
  for (int i = 0; i < 2000 && is_fine; ++i) is_fine = stream.on_bytes(line);
  EXPECT_FALSE(is_fine);
  EventStream endless([](const StreamEvent&) {});
  EXPECT_FALSE(endless.on_bytes(std::string(EventStream::kMaxSize + 1, 'x')));
}

RC_GTEST_PROP(EventStreamProperty, DoesNotMindHowItIsCut, ()) {
  const auto text =
      *rc::gen::container<std::string>(rc::gen::elementOf(std::string("\n\n\r: adtevn:")));
  const auto cut = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
  std::vector<std::string> bytes;
  for (const char c : text) bytes.emplace_back(1, c);
  RC_ASSERT(events_in({text.substr(0, cut), text.substr(cut)}) == events_in({text}));
  RC_ASSERT(events_in(bytes) == events_in({text}));
}

}  // namespace
}  // namespace oneping::admin
