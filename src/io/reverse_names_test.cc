#include "io/reverse_names.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

// The names of loopback are in every system's hosts file, so nothing is asked of the network.
const IpAddress kLoopback = *IpAddress::parse("127.0.0.1");

TEST(ReverseNames, EveryQuestionIsAnsweredInATurnOfTheLoop) {
  constexpr int kQuestions = 3 * static_cast<int>(ReverseNames::kMaxThreads);
  EventLoop loop;
  int answers = 0;
  bool asking = true;
  ReverseNames names(loop, [&](const IpAddress& address, const std::string& name) {
    EXPECT_FALSE(asking);
    EXPECT_EQ(address, kLoopback);
    EXPECT_FALSE(name.empty());
    if (++answers == kQuestions) loop.stop();
  });
  for (int i = 0; i < kQuestions; ++i) names.ask(kLoopback);
  asking = false;
  loop.run({.on_deadline = [](Time) {}, .on_turn_end = [](Time) {}});
  EXPECT_EQ(answers, kQuestions);
}

TEST(ReverseNames, DestroyedBeforeTheAnswerIsNeverHeard) {
  EventLoop loop;
  {
    ReverseNames names(loop, [](const IpAddress&, const std::string&) { FAIL(); });
    names.ask(kLoopback);
  }
  loop.post([] {});
  loop.run({.on_deadline = [](Time) {}, .on_turn_end = [&](Time) { loop.stop(); }});
}

}  // namespace
}  // namespace oneping
