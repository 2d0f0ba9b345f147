// For tests that need files: a folder of their own, which goes with the object.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

namespace oneping::admin {

class ScratchFolder {
 public:
  ScratchFolder() : path_((std::filesystem::temp_directory_path() / "oneping-XXXXXX").string()) {
    EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  }
  ~ScratchFolder() { std::filesystem::remove_all(path_); }
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;

  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(*this / name) << text;
    return *this / name;
  }
  // What the file holds; empty if there is none.
  [[nodiscard]] std::string text_of(const std::string& name) const {
    std::ifstream stream(*this / name);
    return {(std::istreambuf_iterator<char>(stream)), {}};
  }
  [[nodiscard]] mode_t mode_of(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(::stat((*this / name).c_str(), &status), 0) << name;
    return status.st_mode & 07777;
  }
  [[nodiscard]] std::size_t files() const {
    using Files = std::filesystem::directory_iterator;
    return static_cast<std::size_t>(std::distance(Files(path_), Files()));
  }

 private:
  std::string path_;
};

}  // namespace oneping::admin
