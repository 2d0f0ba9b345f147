#include "io/terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <tuple>

#include "io/system_error.h"

namespace oneping {

namespace {

constexpr std::string_view kEnter = "\x1b[?1049h\x1b[?25l";  // alternate screen, no cursor
constexpr std::string_view kLeave = "\x1b[?25h\x1b[?1049l";

constexpr std::array kCrashes{SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV};

// What a handler needs to give the terminal back: nothing else may be touched in one.
struct Crash {
  int keys = -1;
  termios before{};
  std::array<struct sigaction, kCrashes.size()> handlers{};
};
Crash crash;

void on_crash(int signal) {
  std::ignore = ::write(STDOUT_FILENO, kLeave.data(), kLeave.size());
  if (crash.keys >= 0) ::tcsetattr(crash.keys, TCSANOW, &crash.before);
  for (std::size_t i = 0; i < kCrashes.size(); ++i) {
    if (kCrashes[i] == signal) ::sigaction(signal, &crash.handlers[i], nullptr);
  }
  ::raise(signal);
}

void watch_for_crashes(int keys, const termios& before) {
  crash.keys = keys;
  crash.before = before;
  struct sigaction action {};
  action.sa_handler = on_crash;
  for (std::size_t i = 0; i < kCrashes.size(); ++i) {
    ::sigaction(kCrashes[i], &action, &crash.handlers[i]);
  }
}

void forget_crashes() {
  for (std::size_t i = 0; i < kCrashes.size(); ++i) {
    ::sigaction(kCrashes[i], &crash.handlers[i], nullptr);
  }
}

}  // namespace

Result<std::unique_ptr<Terminal>> Terminal::open() {
  if (::isatty(STDOUT_FILENO) == 0) return fail("standard output is no terminal");
  std::unique_ptr<Terminal> terminal(new Terminal);
  // A program in the background, or without a controlling terminal, does without keys.
  terminal->keys_ = Fd(::open("/dev/tty", O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (terminal->keys_ && ::tcgetattr(terminal->keys_.get(), &terminal->before_) != 0) {
    return fail("reading the terminal's settings: " + errno_text(errno));
  }
  return terminal;
}

void Terminal::enter() {
  if (is_entered_) return;
  is_entered_ = true;
  watch_for_crashes(keys_.get(), before_);
  if (keys_) {
    termios raw = before_;
    ::cfmakeraw(&raw);
    raw.c_oflag = before_.c_oflag;
    ::tcsetattr(keys_.get(), TCSANOW, &raw);
  }
  write(kEnter);
}

void Terminal::leave() {
  if (!is_entered_) return;
  is_entered_ = false;
  write(kLeave);
  if (keys_) ::tcsetattr(keys_.get(), TCSANOW, &before_);
  forget_crashes();
}

std::optional<std::string> Terminal::read_keys() {
  std::array<char, 64> keys{};
  const ssize_t count = ::read(keys_.get(), keys.data(), keys.size());
  if (count > 0) return std::string(keys.data(), static_cast<std::size_t>(count));
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return std::string();
  return std::nullopt;
}

void Terminal::write(std::string_view text) {
  while (!text.empty()) {
    const ssize_t count = ::write(STDOUT_FILENO, text.data(), text.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(count));
  }
}

TerminalSize Terminal::size() const {
  winsize window{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0) return {};
  return {window.ws_col, window.ws_row};
}

}  // namespace oneping
