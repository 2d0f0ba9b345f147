// Tells what happens to whoever listens (GET /events). Keeps the last 1024 events, so that a
// listener who comes back misses nothing; one who falls behind by more is ended.
// Every method from any thread.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace oneping::control {

struct Event {
  std::uint64_t id = 0;
  std::string name;  // "tunnel.up"
  std::string data;  // a JSON object in one line
};

class EventReader {
 public:
  // A comment, which keeps the connection.
  static constexpr std::string_view kKeepAlive = ":\n\n";

  virtual ~EventReader() = default;
  // The next piece of a text/event-stream body: waits for an event, or until `patience` is over and
  // then gives kKeepAlive. Nothing: it is over.
  [[nodiscard]] virtual std::optional<std::string> next(Duration patience) = 0;
};

class EventHub {
 public:
  static constexpr std::size_t kKept = 1024;
  static constexpr std::size_t kMaxReaders = 16;

  // The first event gets this id. Ids of different runs of the program should differ, so that a
  // listener who comes back after a restart hears that he missed something.
  explicit EventHub(std::uint64_t first_id = 1);
  ~EventHub();

  void publish(std::string name, std::string data);
  // From the event after `last_seen` on, or from now on. Null when there are too many readers.
  [[nodiscard]] std::unique_ptr<EventReader> subscribe(std::optional<std::uint64_t> last_seen);
  // Ends every reader, and those who come later.
  void close();

 private:
  struct State;
  class Reader;
  std::shared_ptr<State> state_;  // readers may outlive the hub
};

}  // namespace oneping::control
