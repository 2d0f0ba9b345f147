// Takes a text/event-stream apart (WHATWG HTML, 9.2.6), however it is cut into pieces.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace oneping::admin {

struct StreamEvent {
  std::string name;
  std::string id;  // of the last event that had one
  std::string data;
};

class EventStream {
 public:
  // More for one event than an edge ever writes.
  static constexpr std::size_t kMaxSize = 1 << 20;

  using Take = std::function<void(const StreamEvent& event)>;
  explicit EventStream(Take take) : take_(std::move(take)) {}

  // False if the stream is not one: an event is longer than kMaxSize.
  [[nodiscard]] bool on_bytes(std::string_view bytes);

 private:
  void on_line(std::string_view line);

  Take take_;
  std::string line_;  // so far
  bool after_return_ = false;
  bool has_data_ = false;
  StreamEvent event_;
};

}  // namespace oneping::admin
