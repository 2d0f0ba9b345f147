// Runs something in the background: whoever started it waits until it is ready or has failed, and
// says which.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "io/fd.h"

namespace oneping {

// Tells the one who waits, once; nobody waits for a process in the foreground.
class ReadyReport {
 public:
  ReadyReport() = default;
  explicit ReadyReport(Fd pipe) : pipe_(std::move(pipe)) {}
  // A line for people.
  void ready(const std::string& line) { tell('+', line); }
  void failed(const std::string& line) { tell('-', line); }

 private:
  void tell(char kind, const std::string& line);
  Fd pipe_;
};

// Forks: to be called before there are threads. `body` runs in a session of its own, with its
// standard output and error at the end of `log_file`, and its result is its exit code. Returns what
// the caller's exit code is to be: 0 when it is ready.
[[nodiscard]] int run_in_background(const std::string& log_file,
                                    const std::function<int(ReadyReport report)>& body);

}  // namespace oneping
