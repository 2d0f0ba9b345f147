#include "app/device_control.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>
#include <optional>
#include <thread>

#include "app/testing/folder.h"

namespace oneping {
namespace {

using namespace std::chrono_literals;

// A loop on this thread, and questions from another.
class DeviceControlTest : public ::testing::Test {
 protected:
  void open() {
    auto opened = DeviceControl::open(path, loop, [this](const std::string& question) {
      questions.push_back(question);
      if (question == kAskDown) stops = true;
      return question == kAskStatus ? status : "{}";
    });
    ASSERT_TRUE(opened) << opened.error().message;
    control = std::move(*opened);
  }
  // Turns until `work`, on a thread of its own, is done.
  void serve(const std::function<void()>& work) {
    std::thread thread([&] {
      work();
      loop.post([this] { loop.stop(); });
    });
    loop.run({.on_deadline = [this](Time now) { control->on_time(now); },
              .on_turn_end =
                  [this](Time) {
                    if (stops) control.reset();
                    loop.set_deadline(control ? control->next_deadline() : kNever);
                  }});
    thread.join();
  }
  [[nodiscard]] Result<std::optional<std::string>> ask(const std::string& question,
                                                       Until until = Until::answer) const {
    return ask_device(path, question, until, 3s);
  }
  [[nodiscard]] Fd connect() const {
    Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
    sockaddr_un name{};
    name.sun_family = AF_UNIX;
    std::memcpy(name.sun_path, path.data(), path.size());
    EXPECT_EQ(::connect(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    return fd;
  }

  TestingFolder folder;
  const std::string path = folder / "up.sock";
  EventLoop loop;
  std::string status = R"({"state": "open"})";
  std::vector<std::string> questions;
  bool stops = false;
  std::unique_ptr<DeviceControl> control;
};

TEST_F(DeviceControlTest, Answers) {
  open();
  EXPECT_EQ(folder.mode_of("up.sock"), 0600u);
  status = std::string(1 << 20, 'x');
  serve([&] {
    EXPECT_EQ(ask(kAskStatus)->value(), status);
    EXPECT_EQ(ask("nonsense")->value(), "{}");
  });
  EXPECT_EQ(questions, (std::vector<std::string>{"status", "nonsense"}));
}

TEST_F(DeviceControlTest, DownIsAnsweredByTheEnd) {
  open();
  serve([&] {
    const auto answer = ask(kAskDown, Until::end);
    ASSERT_TRUE(answer) << answer.error().message;
    EXPECT_EQ(**answer, "{}");
  });
  EXPECT_FALSE(std::filesystem::exists(path));
}

TEST_F(DeviceControlTest, NobodyIsThere) {
  EXPECT_EQ(*ask(kAskStatus), std::nullopt);
  open();
  const auto second = DeviceControl::open(path, loop, [](const std::string&) { return ""; });
  ASSERT_FALSE(second);
  control.reset();
  EXPECT_EQ(*ask(kAskStatus), std::nullopt);
}

// A process that was killed leaves its socket.
TEST_F(DeviceControlTest, SocketThatWasLeftIsReplaced) {
  open();
  std::filesystem::rename(path, path + ".kept");
  control.reset();
  std::filesystem::rename(path + ".kept", path);
  EXPECT_EQ(*ask(kAskStatus), std::nullopt);
  open();
  serve([&] { EXPECT_TRUE(ask(kAskStatus)->has_value()); });
}

TEST_F(DeviceControlTest, ManyClientsAndTalkativeOnesAreLetGo) {
  open();
  serve([&] {
    std::vector<Fd> silent;
    for (std::size_t i = 0; i < 4 * DeviceControl::kMaxClients; ++i) silent.push_back(connect());
    const Fd talkative = connect();
    const std::string endless(1000, 'x');
    (void)::send(talkative.get(), endless.data(), endless.size(), MSG_NOSIGNAL);
    char byte;
    EXPECT_LE(::recv(talkative.get(), &byte, 1, 0), 0);
    silent.clear();
    EXPECT_TRUE(ask(kAskStatus)->has_value()) << "and there is room again";
  });
}

}  // namespace
}  // namespace oneping
