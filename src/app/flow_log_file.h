// The flow log's file. At its largest size it becomes FILE.1, in place of the one before, and a new
// one begins.
#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"
#include "io/fd.h"

namespace oneping {

class FlowLogFile {
 public:
  // Goes on with the file that is there.
  [[nodiscard]] static Result<FlowLogFile> open(const std::string& path, std::uint64_t max_size);

  // Adds whole lines. False: the disk refuses, and none of them is there.
  [[nodiscard]] bool write(const std::string& lines);

 private:
  FlowLogFile(std::string path, std::uint64_t max_size, Fd file, std::uint64_t size)
      : path_(std::move(path)), max_size_(max_size), file_(std::move(file)), size_(size) {}

  [[nodiscard]] bool start_new_file();
  void complain(const char* what);

  std::string path_;
  std::uint64_t max_size_;
  Fd file_;
  std::uint64_t size_;
  bool complained_ = false;
};

}  // namespace oneping
