#include "app/flow_log_writer.h"

#include <chrono>
#include <utility>

namespace oneping {

namespace {

using control::FlowFeed;
using control::FlowRecord;

// A batch is written at the latest after this time: the packet path need not wake anybody.
constexpr std::chrono::milliseconds kBeat{100};

std::int64_t now_ms() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

}  // namespace

FlowLogWriter::FlowLogWriter(std::optional<FlowLogFile> file, std::shared_ptr<FlowFeed> feed)
    : file_(std::move(file)), feed_(std::move(feed)), ring_(kRing) {
  thread_ = std::thread([this] { run(); });
}

FlowLogWriter::~FlowLogWriter() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

void FlowLogWriter::on_verdict(edge::FlowVerdict verdict) {
  const std::uint64_t place = put_.load(std::memory_order_relaxed);
  if (place - taken_.load(std::memory_order_acquire) == kRing) {
    ++untaken_;
    return;
  }
  ring_[place % kRing] = {std::move(verdict), now_ms()};
  put_.store(place + 1, std::memory_order_release);
}

void FlowLogWriter::run() {
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(mutex_);
      last = wake_.wait_for(lock, kBeat, [this] { return stopping_; });
    }
    tell_waiting();
  }
}

void FlowLogWriter::tell_waiting() {
  const std::uint64_t first = taken_.load(std::memory_order_relaxed);
  const std::uint64_t end = put_.load(std::memory_order_acquire);
  const std::uint64_t untaken = untaken_;
  if (first == end && untaken == untaken_told_) return;
  std::string lines;
  std::vector<FlowRecord> records;
  std::uint64_t left_out = untaken - std::exchange(untaken_told_, untaken);
  for (std::uint64_t place = first; place != end; ++place) {
    const Entry entry = std::move(ring_[place % kRing]);
    taken_.store(place + 1, std::memory_order_release);
    const bool is_kept = end - place <= FlowFeed::kKept;  // others nobody could hear
    if (!is_kept) ++left_out;
    if (!is_kept && !file_) continue;
    FlowRecord record =
        control::record_of(entry.verdict, Timestamp(std::chrono::milliseconds(entry.time_ms)));
    if (file_) lines += to_text(record) + '\n';
    if (is_kept) records.push_back(std::move(record));
  }
  if (file_ && first != end) write(lines, end - first);
  feed_->publish(std::move(records), left_out);
}

void FlowLogWriter::write(const std::string& lines, std::uint64_t count) {
  auto& counter = file_->write(lines) ? written_ : unwritten_;
  counter += count;
}

}  // namespace oneping
