// A file that appears whole or not at all: it has a temporary name beside its own until publish().
#pragma once

#include <string>

#include "base/result.h"

namespace oneping::control {

class NewFile {
 public:
  // Empty, mode 0600. What root makes belongs to the owner of the folder, whose service has to read
  // it.
  [[nodiscard]] static Result<NewFile> beside(const std::string& path);

  NewFile(NewFile&& other) noexcept;
  NewFile& operator=(NewFile&&) = delete;
  // Removes what was not published.
  ~NewFile();

  [[nodiscard]] const std::string& temporary_path() const { return temporary_; }

  // Gives it its name when its contents are on disk. An existing file is left, and an error.
  [[nodiscard]] Result<void> publish();

 private:
  NewFile(std::string path, std::string temporary, int fd);

  std::string path_;
  std::string temporary_;
  int fd_;
};

}  // namespace oneping::control
