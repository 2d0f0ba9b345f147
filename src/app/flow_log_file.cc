#include "app/flow_log_file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <cstdio>

#include "base/log.h"
#include "io/system_error.h"

namespace oneping {

namespace {

constexpr mode_t kMode = 0640;

Result<Fd> open_file(const std::string& path) {
  Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, kMode));
  if (!file) return system_failure("opening the flow log " + path);
  return file;
}

}  // namespace

Result<FlowLogFile> FlowLogFile::open(const std::string& path, std::uint64_t max_size) {
  auto file = open_file(path);
  if (!file) return tl::make_unexpected(file.error());
  struct stat status {};
  if (::fstat(file->get(), &status) != 0) return system_failure("looking at " + path);
  return FlowLogFile(path, max_size, std::move(*file), static_cast<std::uint64_t>(status.st_size));
}

bool FlowLogFile::write(const std::string& lines) {
  if (size_ > 0 && size_ + lines.size() > max_size_ && !start_new_file()) return false;
  const ssize_t written = ::write(file_.get(), lines.data(), lines.size());
  if (written == static_cast<ssize_t>(lines.size())) {
    size_ += lines.size();
    complained_ = false;
    return true;
  }
  // A line that was cut must not spoil the next one.
  if (written > 0) (void)::ftruncate(file_.get(), static_cast<off_t>(size_));
  complain("written");
  return false;
}

bool FlowLogFile::start_new_file() {
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
void FlowLogFile::complain(const char* what) {
  if (!complained_) log::warn("the flow log {} cannot be {}: {}", path_, what, errno_text(errno));
  complained_ = true;
}

}  // namespace oneping
