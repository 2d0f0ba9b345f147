// A terminal in the hands of one program: the alternate screen, no cursor, every key as it is
// pressed. It is given back as it was, however the program ends: by the destructor, and by handlers
// of the signals of a crash. (Signals that ask the program to end are the event loop's.)
//
// At most one at a time.
#pragma once

#include <termios.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "io/fd.h"

namespace oneping {

struct TerminalSize {
  std::size_t columns = 80;
  std::size_t rows = 24;
};

class Terminal {
 public:
  // The program's standard output; fails if that is no terminal. Nothing has changed on it yet.
  [[nodiscard]] static Result<std::unique_ptr<Terminal>> open();
  ~Terminal() { leave(); }
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  void enter();
  void leave();

  // Readable when keys were pressed; -1 without a terminal to press keys on.
  [[nodiscard]] int fd() const { return keys_.get(); }
  // What was pressed since the last call, as bytes. Nothing: the terminal is gone.
  [[nodiscard]] std::optional<std::string> read_keys();
  void write(std::string_view text);
  [[nodiscard]] TerminalSize size() const;

 private:
  Terminal() = default;

  // Opened anew: that it does not block must not be so for whoever shares our standard input.
  Fd keys_;
  termios before_{};
  bool is_entered_ = false;
};

}  // namespace oneping
