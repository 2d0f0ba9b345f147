#include "app/background.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

#include "admin/command.h"
#include "io/system_error.h"

namespace oneping {

namespace {

Result<void> go_into_the_background(const std::string& log_file) {
  const Fd nothing(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const Fd log(::open(log_file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600));
  if (!log) return system_failure("writing " + log_file);
  if (::setsid() < 0) return system_failure("leaving the terminal");
  if (::dup2(nothing.get(), STDIN_FILENO) < 0 || ::dup2(log.get(), STDOUT_FILENO) < 0 ||
      ::dup2(log.get(), STDERR_FILENO) < 0) {
    return system_failure("leaving the terminal");
  }
  return {};
}

// The report, or nothing if it ended without one.
std::string read_report(int pipe) {
  std::string text;
  char bytes[1024];
  while (text.find('\n') == text.npos) {
    const ssize_t size = ::read(pipe, bytes, sizeof bytes);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) break;
    text.append(bytes, static_cast<std::size_t>(size));
  }
  return text.substr(0, text.find('\n'));
}

int exit_code_of(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  const int code = WIFEXITED(status) ? WEXITSTATUS(status) : kExitFailed;
  return code == 0 ? kExitFailed : code;
}

}  // namespace

void ReadyReport::tell(char kind, const std::string& line) {
  if (!pipe_) return;
  const std::string text = kind + line.substr(0, line.find('\n')) + '\n';
  std::ignore = ::write(pipe_.get(), text.data(), text.size());
  pipe_ = Fd();
}

int run_in_background(const std::string& log_file,
                      const std::function<int(ReadyReport report)>& body) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return fail_with({errno_text(errno)}, kExitFailed);
  Fd read_end(ends[0]);
  Fd write_end(ends[1]);
  const pid_t child = ::fork();
  if (child < 0) return fail_with({"starting: " + errno_text(errno)}, kExitFailed);
  if (child == 0) {
    read_end = Fd();
    ReadyReport report(std::move(write_end));
    if (const auto gone = go_into_the_background(log_file); !gone) {
      report.failed(gone.error().message);
      ::_exit(kExitFailed);
    }
    const int code = body(std::move(report));
    std::fflush(nullptr);
    ::_exit(code);
  }
  write_end = Fd();
  const std::string report = read_report(read_end.get());
  if (report.starts_with('+')) {
    std::puts(report.c_str() + 1);
    return 0;
  }
  const int code = exit_code_of(child);
  return fail_with(
      {report.starts_with('-') ? report.substr(1) : "it ended without a word; see " + log_file},
      code);
}

}  // namespace oneping
