// What a terminal is like while a program has it, and afterwards: a child process gets a
// pseudo-terminal of its own, and we are who looks at it.
#include "io/terminal.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <utmp.h>

#include <csignal>
#include <cstdlib>
#include <functional>

namespace oneping {
namespace {

class TerminalTest : public ::testing::Test {
 protected:
  // Runs `body` in the child; says what came out on the terminal.
  std::string run(const std::function<void(Terminal&)>& body) {
    winsize size{.ws_row = 33, .ws_col = 121, .ws_xpixel = 0, .ws_ypixel = 0};
    int master = -1;
    int slave = -1;
    EXPECT_EQ(::openpty(&master, &slave, nullptr, nullptr, &size), 0);
    pty = Fd(master);
    tty = Fd(slave);
    EXPECT_EQ(::tcgetattr(master, &before), 0);
    const pid_t child = ::fork();
    if (child == 0) {
      ::login_tty(slave);
      auto terminal = Terminal::open();
      if (!terminal) ::_exit(99);
      body(**terminal);
      terminal->reset();
      ::_exit(0);
    }
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(::tcgetattr(master, &after), 0);
    std::string text(4096, '\0');
    EXPECT_EQ(::fcntl(master, F_SETFL, O_NONBLOCK), 0);
    const ssize_t count = ::read(master, text.data(), text.size());
    text.resize(count < 0 ? 0 : static_cast<std::size_t>(count));
    return text;
  }
  // In the child, where a failed expectation would not be heard.
  static void insist(bool condition) {
    if (!condition) ::_exit(98);
  }
  void expect_given_back() const {
    EXPECT_EQ(after.c_lflag, before.c_lflag);
    EXPECT_EQ(after.c_iflag, before.c_iflag);
    EXPECT_EQ(after.c_oflag, before.c_oflag);
    EXPECT_EQ(after.c_cflag, before.c_cflag);
  }

  Fd pty, tty;
  termios before{}, after{};
  int status = 0;
};

TEST_F(TerminalTest, IsTakenAndGivenBack) {
  const std::string text = run([](Terminal& terminal) {
    insist(terminal.size().columns == 121 && terminal.size().rows == 33);
    terminal.enter();
    termios now{};
    insist(::tcgetattr(STDIN_FILENO, &now) == 0);
    insist((now.c_lflag & (ICANON | ECHO | ISIG)) == 0);
    insist((now.c_oflag & OPOST) != 0);
    insist((::fcntl(STDIN_FILENO, F_GETFL) & O_NONBLOCK) == 0);
    terminal.write("here");
    terminal.leave();
    terminal.leave();
  });
  EXPECT_EQ(status, 0);
  EXPECT_EQ(text, "\x1b[?1049h\x1b[?25lhere\x1b[?25h\x1b[?1049l");
  expect_given_back();
}

TEST_F(TerminalTest, DestructorGivesItBack) {
  const std::string text = run([](Terminal& terminal) { terminal.enter(); });
  EXPECT_EQ(status, 0);
  EXPECT_TRUE(text.ends_with("\x1b[?1049l"));
  expect_given_back();
}

TEST_F(TerminalTest, CrashGivesItBackAndIsStillACrash) {
  for (const int signal : {SIGABRT, SIGSEGV, SIGFPE}) {
    const std::string text = run([&](Terminal& terminal) {
      ::signal(signal, SIG_DFL);  // the sanitizers have handlers of their own
      terminal.enter();
      ::raise(signal);
    });
    EXPECT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == signal) << status;
    EXPECT_TRUE(text.ends_with("\x1b[?1049l")) << signal;
    expect_given_back();
  }
}

TEST_F(TerminalTest, KeysComeAsTheyArePressed) {
  run([](Terminal& terminal) {
    terminal.enter();
    insist(terminal.read_keys() == "");
    for (const char key : {'q', '\x03'}) insist(::ioctl(STDIN_FILENO, TIOCSTI, &key) == 0);
    insist(terminal.read_keys() == "q\x03");
  });
  EXPECT_EQ(status, 0);
}

TEST(Terminal, WantsATerminal) {
  const int out = ::dup(STDOUT_FILENO);
  const Fd null(::open("/dev/null", O_WRONLY));
  ::dup2(null.get(), STDOUT_FILENO);
  const auto terminal = Terminal::open();
  ::dup2(out, STDOUT_FILENO);
  ::close(out);
  EXPECT_FALSE(terminal);
}

}  // namespace
}  // namespace oneping
