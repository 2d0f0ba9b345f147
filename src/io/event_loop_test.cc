#include "io/event_loop.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include "io/fd.h"

namespace oneping {
namespace {

using std::chrono::milliseconds;

struct Pipe {
  Pipe() {
    int fds[2];
    EXPECT_EQ(::pipe2(fds, O_NONBLOCK | O_CLOEXEC), 0);
    read_end = Fd(fds[0]);
    write_end = Fd(fds[1]);
  }
  void put(const std::string& text) {
    EXPECT_EQ(::write(write_end.get(), text.data(), text.size()), ssize_t(text.size()));
  }
  char get() {
    char c = 0;
    EXPECT_EQ(::read(read_end.get(), &c, 1), 1);
    return c;
  }
  Fd read_end;
  Fd write_end;
};

// Keeps a log of what happened, and stops the loop when the log is as long as asked for.
class EventLoopTest : public ::testing::Test {
 protected:
  void run_until(std::size_t entries) {
    loop.run({.on_deadline = [&](Time) { log.push_back("deadline"); },
              .on_turn_end =
                  [&](Time) {
                    log.push_back("end");
                    if (log.size() >= entries) loop.stop();
                  }});
  }

  EventLoop loop;
  std::vector<std::string> log;
};

TEST_F(EventLoopTest, CallsAgainWhileUnreadDataRemainsOnceATurn) {
  Pipe pipe;
  pipe.put("abc");
  ASSERT_TRUE(loop.watch(pipe.read_end.get(), [&] { log.push_back({pipe.get()}); }));
  run_until(6);
  EXPECT_EQ(log, (std::vector<std::string>{"a", "end", "b", "end", "c", "end"}));
}

TEST_F(EventLoopTest, AllThatIsReadyRunsBeforeOneTurnEnd) {
  Pipe first, second;
  first.put("x");
  second.put("y");
  std::string seen;
  ASSERT_TRUE(loop.watch(first.read_end.get(), [&] { seen += first.get(); }));
  ASSERT_TRUE(loop.watch(second.read_end.get(), [&] { seen += second.get(); }));
  run_until(1);
  EXPECT_EQ(log, std::vector<std::string>{"end"});
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, "xy");
}

TEST_F(EventLoopTest, DeadlineIsCalledOnceNotBeforeItsTimeAndBeforeTheTurnEnd) {
  const Time deadline = loop.now() + std::chrono::microseconds(300);
  loop.set_deadline(deadline);
  run_until(2);
  EXPECT_EQ(log, (std::vector<std::string>{"deadline", "end"}));
  EXPECT_GE(loop.now(), deadline);
}

TEST_F(EventLoopTest, DeadlineInThePastIsDueAtOnceAfterReadyDescriptors) {
  Pipe pipe;
  pipe.put("a");
  ASSERT_TRUE(loop.watch(pipe.read_end.get(), [&] { log.push_back({pipe.get()}); }));
  loop.set_deadline(loop.now() - milliseconds(1));
  run_until(3);
  EXPECT_EQ(log, (std::vector<std::string>{"a", "deadline", "end"}));
}

TEST_F(EventLoopTest, DeadlineMovesBothWays) {
  const Time start = loop.now();
  loop.set_deadline(start + std::chrono::hours(1));
  std::vector<Time> called;
  loop.post([] {});
  int turns = 0;
  loop.run({.on_deadline = [&](Time now) { called.push_back(now); },
            .on_turn_end =
                [&](Time) {
                  ++turns;
                  if (turns == 1) loop.set_deadline(start + milliseconds(2));  // earlier
                  if (turns == 2) {
                    loop.set_deadline(start + milliseconds(3));
                    loop.set_deadline(start + milliseconds(6));  // later
                  }
                  if (called.size() == 2) loop.stop();
                }});
  ASSERT_EQ(called.size(), 2u);
  EXPECT_GE(called[0], start + milliseconds(2));
  EXPECT_GE(called[1], start + milliseconds(6));
  EXPECT_EQ(turns, 3) << "waking up early is no turn";
}

TEST_F(EventLoopTest, NowStandsStillWithinATurn) {
  std::vector<Time> times;
  loop.post([&] {
    times.push_back(loop.now());
    std::thread([] {}).join();  // takes a while
    times.push_back(loop.now());
  });
  loop.run({.on_deadline = [](Time) {},
            .on_turn_end =
                [&](Time now) {
                  times.push_back(now);
                  loop.stop();
                }});
  ASSERT_EQ(times.size(), 3u);
  EXPECT_EQ(times[0], times[1]);
  EXPECT_EQ(times[1], times[2]);
}

TEST_F(EventLoopTest, UnwatchInOwnCallbackAndOfAnotherReadyDescriptor) {
  Pipe first, second;
  first.put("aa");
  second.put("b");
  int calls = 0;
  const auto on_readable = [&] {
    ++calls;
    loop.unwatch(first.read_end.get());
    loop.unwatch(second.read_end.get());
  };
  ASSERT_TRUE(loop.watch(first.read_end.get(), on_readable));
  ASSERT_TRUE(loop.watch(second.read_end.get(), on_readable));
  run_until(1);
  loop.post([] {});
  run_until(2);
  EXPECT_EQ(calls, 1);
}

TEST_F(EventLoopTest, UnwatchedDescriptorCanBeWatchedAgain) {
  Pipe pipe;
  pipe.put("a");
  ASSERT_TRUE(loop.watch(pipe.read_end.get(), [] { FAIL(); }));
  EXPECT_FALSE(loop.watch(pipe.read_end.get(), [] {}));
  loop.unwatch(pipe.read_end.get());
  ASSERT_TRUE(loop.watch(pipe.read_end.get(), [&] { log.push_back({pipe.get()}); }));
  run_until(2);
  EXPECT_EQ(log, (std::vector<std::string>{"a", "end"}));
}

TEST_F(EventLoopTest, PostWakesTheLoopFromAnotherThread) {
  std::thread other([&] { loop.post([&] { log.push_back("posted"); }); });
  run_until(2);
  other.join();
  EXPECT_EQ(log, (std::vector<std::string>{"posted", "end"}));
}

TEST_F(EventLoopTest, SignalIsATurn) {
  ASSERT_TRUE(loop.on_signal(SIGUSR1, [&] { log.push_back("signal"); }));
  ::raise(SIGUSR1);
  run_until(2);
  ::raise(SIGUSR1);
  run_until(4);
  EXPECT_EQ(log, (std::vector<std::string>{"signal", "end", "signal", "end"}));
}

TEST_F(EventLoopTest, ClosedDescriptorIsRefused) {
  int closed = 0;
  {
    Pipe pipe;
    closed = pipe.read_end.get();
  }
  const auto watched = loop.watch(closed, [] {});
  ASSERT_FALSE(watched);
  EXPECT_NE(watched.error().message.find("watching descriptor"), std::string::npos);
}

}  // namespace
}  // namespace oneping
