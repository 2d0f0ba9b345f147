#include "app/flow_log_writer.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <chrono>
#include <cstdio>

#include "app/flow_log_line.h"
#include "base/log.h"
#include "io/system_error.h"

namespace oneping {

namespace {

// A batch is written at the latest after this time: the packet path need not wake anybody.
constexpr std::chrono::milliseconds kBeat{100};
constexpr mode_t kMode = 0640;

Result<Fd> open_file(const std::string& path) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode));
  if (!file) return system_failure("opening the flow log " + path);
  return file;
}

std::int64_t now_ms() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(since_1970).count();
}

}  // namespace

Result<std::unique_ptr<FlowLogWriter>> FlowLogWriter::open(const std::string& path,
                                                           std::uint64_t max_size) {
  auto file = open_file(path);
  if (!file) return tl::make_unexpected(file.error());
  struct stat status {};
  if (::fstat(file->get(), &status) != 0) return system_failure("looking at " + path);
  return std::unique_ptr<FlowLogWriter>(new FlowLogWriter(
      path, max_size, std::move(*file), static_cast<std::uint64_t>(status.st_size)));
}

FlowLogWriter::FlowLogWriter(std::string path, std::uint64_t max_size, Fd file, std::uint64_t size)
    : path_(std::move(path)),
      max_size_(max_size),
      file_(std::move(file)),
      size_(size),
      ring_(kRing) {
  thread_ = std::thread([this] { write_until_stopped(); });
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
    ++dropped_;
    return;
  }
  ring_[place % kRing] = {std::move(verdict), now_ms()};
  put_.store(place + 1, std::memory_order_release);
}

void FlowLogWriter::write_until_stopped() {
  for (bool last = false; !last;) {
    {
      std::unique_lock lock(mutex_);
      last = wake_.wait_for(lock, kBeat, [this] { return stopping_; });
    }
    write_waiting();
  }
}

void FlowLogWriter::write_waiting() {
  const std::uint64_t first = taken_.load(std::memory_order_relaxed);
  const std::uint64_t end = put_.load(std::memory_order_acquire);
  std::string lines;
  for (std::uint64_t place = first; place != end; ++place) {
    const Entry entry = std::move(ring_[place % kRing]);
    lines +=
        flow_log_line(entry.verdict, control::Timestamp(std::chrono::milliseconds(entry.time_ms)));
    taken_.store(place + 1, std::memory_order_release);
  }
  if (first != end) write(lines, end - first);
}

void FlowLogWriter::write(const std::string& lines, std::uint64_t count) {
  if (size_ > 0 && size_ + lines.size() > max_size_ && !start_new_file()) return drop(count);
  const ssize_t written = ::write(file_.get(), lines.data(), lines.size());
  if (written == static_cast<ssize_t>(lines.size())) {
    size_ += lines.size();
    written_ += count;
    complained_ = false;
    return;
  }
  // A line that was cut must not spoil the next one.
  if (written > 0) (void)::ftruncate(file_.get(), static_cast<off_t>(size_));
  complain("written");
  drop(count);
}

bool FlowLogWriter::start_new_file() {
  // Not there: it was put aside before, or by somebody else.
  if (std::rename(path_.c_str(), (path_ + ".1").c_str()) != 0 && errno != ENOENT) {
    complain("put aside, so nothing is added to it");
    return false;
  }
  auto file = open_file(path_);
  if (!file) {
    complain("begun anew");
    return false;
  }
  file_ = std::move(*file);
  size_ = 0;
  return true;
}

// Once for a trouble that lasts.
void FlowLogWriter::complain(const char* what) {
  if (!complained_) log::warn("the flow log {} cannot be {}: {}", path_, what, errno_text(errno));
  complained_ = true;
}

}  // namespace oneping
