// A new file that only its owner may read, for a secret or a copy of the store. It is opened, and
// some room on the disk taken, before its contents are asked for, because a secret that cannot be
// written is lost. Until keep() it is as if it had never been: when it goes away, what is there so
// far is removed, and a file that was to be replaced stays as it was.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "base/result.h"
#include "io/fd.h"

namespace oneping::admin {

enum class Existing : bool { refuse, replace };

class PrivateFile {
 public:
  [[nodiscard]] static Result<PrivateFile> open(const std::string& path, Existing existing);
  PrivateFile(PrivateFile&&) = default;
  PrivateFile& operator=(PrivateFile&&) = delete;
  ~PrivateFile();

  [[nodiscard]] Result<void> write(std::string_view bytes);
  // What was written is on the disk, under its name.
  [[nodiscard]] Result<void> keep();

 private:
  PrivateFile() = default;

  Fd folder_;
  Fd file_;
  off_t size_ = 0;
  std::string path_;  // as errors tell it
  std::string name_;  // in the folder
  std::string made_;  // the name that it has so far; empty once it is kept
};

}  // namespace oneping::admin
