#include "control/event_hub.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace oneping::control {

struct EventHub::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Event> kept;  // the newest, in order, without a gap
  std::uint64_t next_id = 1;
  std::size_t readers = 0;
  bool closed = false;

  [[nodiscard]] std::uint64_t first_kept() const { return next_id - kept.size(); }
};

namespace {

constexpr const char* kGreeting = ": listening\n\n";  // so that the listener's end sees it at once
constexpr const char* kGap = "event: gap\ndata: {}\n\n";
constexpr std::size_t kMaxPiece = 64;  // events at once

// WHATWG HTML, 9.2.6.
std::string as_text(const Event& event) {
  return "id: " + std::to_string(event.id) + "\nevent: " + event.name + "\ndata: " + event.data +
         "\n\n";
}

}  // namespace

class EventHub::Reader final : public EventReader {
 public:
  Reader(std::shared_ptr<State> state, std::uint64_t from, bool has_gap)
      : state_(std::move(state)), next_(from), first_piece_(kGreeting) {
    if (has_gap) first_piece_ += kGap;
  }
  ~Reader() override {
    const std::lock_guard lock(state_->mutex);
    --state_->readers;
  }

  std::optional<std::string> next(Duration patience) override {
    std::unique_lock lock(state_->mutex);
    if (state_->closed) return std::nullopt;
    if (!first_piece_.empty()) return std::exchange(first_piece_, {});
    state_->changed.wait_for(lock, patience,
                             [this] { return state_->closed || next_ < state_->next_id; });
    if (state_->closed || next_ < state_->first_kept()) return std::nullopt;
    std::string piece;
    for (std::size_t i = 0; i < kMaxPiece && next_ < state_->next_id; ++i, ++next_) {
      piece += as_text(state_->kept[next_ - state_->first_kept()]);
    }
    return piece.empty() ? std::string(kKeepAlive) : piece;
  }

 private:
  std::shared_ptr<State> state_;
  std::uint64_t next_;  // the event that it waits for
  std::string first_piece_;
};

EventHub::EventHub(std::uint64_t first_id) : state_(std::make_shared<State>()) {
  state_->next_id = first_id;
}

EventHub::~EventHub() { close(); }

void EventHub::publish(std::string name, std::string data) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->kept.push_back({state_->next_id++, std::move(name), std::move(data)});
    if (state_->kept.size() > kKept) state_->kept.pop_front();
  }
  state_->changed.notify_all();
}

std::unique_ptr<EventReader> EventHub::subscribe(std::optional<std::uint64_t> last_seen) {
  const std::lock_guard lock(state_->mutex);
  if (state_->readers >= kMaxReaders) return nullptr;
  ++state_->readers;
  const std::uint64_t wanted = last_seen ? *last_seen + 1 : state_->next_id;
  // What is beyond the newest was seen in another run of the program.
  const bool has_gap = wanted < state_->first_kept() || wanted > state_->next_id;
  const std::uint64_t from = has_gap ? state_->first_kept() : wanted;
  return std::make_unique<Reader>(state_, from, has_gap);
}

void EventHub::close() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
  }
  state_->changed.notify_all();
}

}  // namespace oneping::control
