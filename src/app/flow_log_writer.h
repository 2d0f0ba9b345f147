// Takes verdicts on new flows off the packet path, and tells them: to the flow log's file, if there
// is one, and to who listens (control/flow_feed.h).
//
// The packet path puts verdicts into a ring that never grows; a thread of its own takes them. When
// the ring is full, or the disk refuses, verdicts are dropped and counted.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "app/flow_log_file.h"
#include "base/result.h"
#include "control/flow_feed.h"
#include "edge/flow_log.h"

namespace oneping {

class FlowLogWriter final : public edge::FlowLog {
 public:
  static constexpr std::size_t kRing = 8192;

  FlowLogWriter(std::optional<FlowLogFile> file, std::shared_ptr<control::FlowFeed> feed);
  // Writes what is waiting.
  ~FlowLogWriter() override;

  void on_verdict(edge::FlowVerdict verdict) override;

  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::uint64_t dropped() const { return untaken_ + unwritten_; }

 private:
  struct Entry {
    edge::FlowVerdict verdict;
    std::int64_t time_ms = 0;  // since 1970
  };

  void run();
  void tell_waiting();
  void write(const std::string& lines, std::uint64_t count);

  std::optional<FlowLogFile> file_;
  const std::shared_ptr<control::FlowFeed> feed_;
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> untaken_ = 0;    // the ring was full
  std::atomic<std::uint64_t> unwritten_ = 0;  // the disk refused
  std::uint64_t untaken_told_ = 0;            // to the feed

  // The packet path puts, the thread takes; neither waits for the other.
  std::vector<Entry> ring_;  // kRing places from the start
  std::atomic<std::uint64_t> put_ = 0;
  std::atomic<std::uint64_t> taken_ = 0;

  std::mutex mutex_;  // of stopping_
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace oneping
