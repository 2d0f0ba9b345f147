// The flow log as a file of JSON lines: one for each verdict on a new flow.
//
// The packet path puts verdicts into a ring that never grows; a thread of its own writes them. When
// the ring is full, or the disk refuses, verdicts are dropped and counted. At its largest size the
// file becomes FILE.1, in place of the one before, and a new one begins.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "edge/flow_log.h"
#include "io/fd.h"

namespace oneping {

class FlowLogWriter final : public edge::FlowLog {
 public:
  static constexpr std::size_t kRing = 8192;

  [[nodiscard]] static Result<std::unique_ptr<FlowLogWriter>> open(const std::string& path,
                                                                   std::uint64_t max_size);
  // Writes what is waiting.
  ~FlowLogWriter() override;

  void on_verdict(edge::FlowVerdict verdict) override;

  [[nodiscard]] std::uint64_t written() const { return written_; }
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

 private:
  FlowLogWriter(std::string path, std::uint64_t max_size, Fd file, std::uint64_t size);
  struct Entry {
    edge::FlowVerdict verdict;
    std::int64_t time_ms = 0;  // since 1970
  };

  void write_until_stopped();
  void write_waiting();
  void write(const std::string& lines, std::uint64_t count);
  [[nodiscard]] bool start_new_file();
  void drop(std::uint64_t count) { dropped_ += count; }
  void complain(const char* what);

  const std::string path_;
  const std::uint64_t max_size_;
  Fd file_;
  std::uint64_t size_;
  bool complained_ = false;
  std::atomic<std::uint64_t> written_ = 0;
  std::atomic<std::uint64_t> dropped_ = 0;

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
