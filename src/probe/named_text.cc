#include "probe/named_text.h"

namespace oneping::probe {

std::string with_name(std::string_view name, const IpAddress& address) {
  if (name.empty()) return address.to_string();
  return std::string(name) + " (" + address.to_string() + ")";
}

void NamedText::add(std::string text) {
  pieces_.push_back({{std::move(text), {}}, std::nullopt});
  flush();
}

void NamedText::add(SplitText line, const IpAddress& who) {
  pieces_.push_back({std::move(line), who});
  flush();
}

void NamedText::flush() {
  while (!pieces_.empty()) {
    const auto name = pieces_.front().who ? names_.find(*pieces_.front().who) : "";
    if (!name && pieces_.size() <= kMaxWaiting) return;
    write_front(name.value_or(""));
  }
}

void NamedText::flush_all() {
  names_.stop_waiting();
  flush();
}

void NamedText::write_front(std::string_view name) {
  const Piece& piece = pieces_.front();
  std::string text = piece.text.before;
  if (piece.who) text += with_name(name, *piece.who);
  sink_.out(text + piece.text.after);
  pieces_.pop_front();
}

}  // namespace oneping::probe
