#include "control/flow_feed.h"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <utility>

namespace oneping::control {

struct FlowFeed::State {
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<FlowRecord> kept;   // the newest, in order
  std::uint64_t end = 0;         // how many there were, with those left out
  std::uint64_t first_kept = 0;  // without a gap from here on
  std::size_t readers = 0;
  bool closed = false;
};

namespace {

constexpr const char* kGreeting = ": listening\n\n";
constexpr std::size_t kMaxPiece = 256;  // verdicts at once

std::string as_text(const FlowRecord& record) {
  return "event: flow\ndata: " + to_text(record) + "\n\n";
}

std::string left_out_text(std::uint64_t count) {
  return "event: left-out\ndata: {\"count\": " + std::to_string(count) + "}\n\n";
}

template <typename Value, typename Known>
bool fits(const std::optional<Value>& wanted, const Known& known) {
  return !wanted || known == *wanted;
}

bool fits(const std::optional<Prefix>& wanted, const IpAddress& known) {
  return !wanted || wanted->contains(known);
}

}  // namespace

bool FlowFilter::wants(const FlowRecord& record) const {
  return fits(device, record.device) && fits(user, record.user) && fits(from, record.from) &&
         fits(to, record.to) && fits(protocol, record.protocol) && fits(verdict, record.verdict) &&
         fits(rule, record.rule) && fits(tunnel, record.tunnel);
}

class FlowFeed::Reader final : public EventReader {
 public:
  Reader(std::shared_ptr<State> state, FlowFilter filter)
      : state_(std::move(state)), filter_(std::move(filter)), next_(state_->first_kept) {}
  ~Reader() override {
    const std::lock_guard lock(state_->mutex);
    --state_->readers;
  }

  std::optional<std::string> next(Duration patience) override {
    std::unique_lock lock(state_->mutex);
    if (state_->closed) return std::nullopt;
    std::string piece = std::exchange(greeting_, {});
    if (piece.empty()) {
      state_->changed.wait_for(lock, patience,
                               [this] { return state_->closed || next_ < state_->end; });
      if (state_->closed) return std::nullopt;
    }
    if (next_ < state_->first_kept) {
      piece += left_out_text(state_->first_kept - next_);
      next_ = state_->first_kept;
    }
    for (std::size_t told = 0; told < kMaxPiece && next_ < state_->end; ++next_) {
      const FlowRecord& record = state_->kept[next_ - state_->first_kept];
      if (!filter_.wants(record)) continue;
      piece += as_text(record);
      ++told;
    }
    return piece.empty() ? std::string(kKeepAlive) : piece;
  }

 private:
  std::shared_ptr<State> state_;
  const FlowFilter filter_;
  std::uint64_t next_;  // the verdict that it waits for
  std::string greeting_ = kGreeting;
};

FlowFeed::FlowFeed() : state_(std::make_shared<State>()) {}

FlowFeed::~FlowFeed() { close(); }

void FlowFeed::publish(std::vector<FlowRecord> records, std::uint64_t left_out) {
  {
    const std::lock_guard lock(state_->mutex);
    if (left_out > 0) state_->kept.clear();
    for (FlowRecord& record : records) {
      state_->kept.push_back(std::move(record));
      if (state_->kept.size() > kKept) state_->kept.pop_front();
    }
    state_->end += left_out + records.size();
    state_->first_kept = state_->end - state_->kept.size();
  }
  state_->changed.notify_all();
}

std::unique_ptr<EventReader> FlowFeed::subscribe(FlowFilter filter) {
  const std::lock_guard lock(state_->mutex);
  if (state_->readers >= kMaxReaders) return nullptr;
  ++state_->readers;
  return std::make_unique<Reader>(state_, std::move(filter));
}

void FlowFeed::close() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
  }
  state_->changed.notify_all();
}

}  // namespace oneping::control
