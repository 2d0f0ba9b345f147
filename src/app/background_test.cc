#include "app/background.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdio>
#include <thread>

#include "admin/command.h"
#include "app/files.h"
#include "app/testing/folder.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;

struct Said {
  int code;
  std::string out;
  std::string err;
};

// What whoever starts it sees.
Said start(const std::string& log, const std::function<int(ReadyReport)>& body) {
  ::testing::internal::CaptureStdout();
  ::testing::internal::CaptureStderr();
  const int code = run_in_background(log, body);
  return {code, ::testing::internal::GetCapturedStdout(), ::testing::internal::GetCapturedStderr()};
}

// What the one in the background wrote, once `text` is in it.
std::string log_with(const std::string& log, const std::string& text) {
  for (int i = 0; i < 500; ++i) {
    if (const auto found = read_file(log); found && found->find(text) != found->npos) return *found;
    std::this_thread::sleep_for(10ms);
  }
  return "it never wrote it";
}

TEST(Background, ReadyIsSaidAndItGoesOn) {
  const TestingFolder folder;
  const pid_t us = ::getpid();
  const Said said = start(folder / "log", [&](ReadyReport report) {
    report.ready("up as laptop");
    report.failed("only the first word counts");
    std::printf("session %d, not %d\n", ::getsid(0) == ::getpid(), ::getpid() == us);
    std::fprintf(stderr, "and on\n");
    return 0;
  });
  EXPECT_EQ(said.code, 0);
  EXPECT_EQ(said.out, "up as laptop\n");
  EXPECT_EQ(said.err, "");
  EXPECT_EQ(log_with(folder / "log", "session 1, not 0"), "and on\nsession 1, not 0\n");
  EXPECT_EQ(folder.mode_of("log"), 0600u);
}

TEST(Background, FailureIsSaidWithItsCode) {
  const TestingFolder folder;
  const Said said = start(folder / "log", [](ReadyReport report) {
    report.failed("no route");
    return 7;
  });
  EXPECT_EQ(said.code, 7);
  EXPECT_EQ(said.out, "");
  EXPECT_EQ(said.err, "oneping: no route\n");
}

TEST(Background, EndWithoutAWordIsAFailure) {
  const TestingFolder folder;
  const Said said = start(folder / "log", [](ReadyReport) { return 0; });
  EXPECT_EQ(said.code, kExitFailed);
  EXPECT_EQ(said.err, "oneping: it ended without a word; see " + (folder / "log") + "\n");
}

TEST(Background, FolderThatIsNotThereIsSaid) {
  const TestingFolder folder;
  const Said said = start(folder / "nowhere/log", [](ReadyReport) { return 0; });
  EXPECT_EQ(said.code, kExitFailed);
  EXPECT_NE(said.err.find("nowhere/log"), std::string::npos) << said.err;
}

}  // namespace
}  // namespace oneping
