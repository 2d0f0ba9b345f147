// Text that is written in order although parts of it wait for a name: nothing overtakes a line
// whose name is still being looked up.
#pragma once

#include <deque>
#include <string>

#include "probe/names.h"
#include "probe/tool.h"

namespace oneping::probe {

// "name (address)", or the address alone.
[[nodiscard]] std::string with_name(std::string_view name, const IpAddress& address);

// A line with an address in it, which may get a name.
struct SplitText {
  std::string before;
  std::string after;
};

class NamedText {
 public:
  // Lines that may wait; then the oldest is written without its name.
  static constexpr std::size_t kMaxWaiting = 1024;

  // Both must outlive it.
  NamedText(NameBook& names, TextSink& sink) : names_(names), sink_(sink) {}

  void add(std::string text);
  void add(SplitText line, const IpAddress& who);

  // Writes what waits for nothing any more.
  void flush();
  // Writes everything, with the names that are known.
  void flush_all();
  [[nodiscard]] bool is_empty() const { return pieces_.empty(); }

 private:
  struct Piece {
    SplitText text;
    std::optional<IpAddress> who;
  };
  void write_front(std::string_view name);

  NameBook& names_;
  TextSink& sink_;
  std::deque<Piece> pieces_;
};

}  // namespace oneping::probe
