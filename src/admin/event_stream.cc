#include "admin/event_stream.h"

namespace oneping::admin {

bool EventStream::on_bytes(std::string_view bytes) {
  for (const char c : bytes) {
    // Lines end with CR LF, LF or CR.
    const bool is_second_half = c == '\n' && after_return_;
    after_return_ = c == '\r';
    if (is_second_half) continue;
    if (c == '\n' || c == '\r') {
      on_line(line_);
      line_.clear();
      continue;
    }
    if (line_.size() + event_.data.size() >= kMaxSize) return false;
    line_ += c;
  }
  return true;
}

void EventStream::on_line(std::string_view line) {
  if (line.empty()) {
    if (has_data_) take_(event_);
    has_data_ = false;
    event_.name.clear();
    event_.data.clear();
    return;
  }
  const auto colon = line.find(':');
  const std::string_view field = line.substr(0, colon);  // empty: a comment
  std::string_view value = colon == line.npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (field == "event") event_.name = value;
  if (field == "id") event_.id = value;
  if (field != "data") return;
  if (has_data_) event_.data += '\n';
  event_.data += value;
  has_data_ = true;
}

}  // namespace oneping::admin
