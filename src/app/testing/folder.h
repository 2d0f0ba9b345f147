// For tests that need files: a folder of their own, which goes with the object.
#pragma once

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace oneping {

class TestingFolder {
 public:
  TestingFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "oneping-XXXXXX").string();
    EXPECT_NE(::mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~TestingFolder() { std::filesystem::remove_all(path_); }
  TestingFolder(const TestingFolder&) = delete;
  TestingFolder& operator=(const TestingFolder&) = delete;

  [[nodiscard]] std::string path() const { return path_; }
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

  std::string put(const std::string& name, const std::string& text) const {
    std::ofstream(*this / name) << text;
    return *this / name;
  }
  [[nodiscard]] mode_t mode_of(const std::string& name) const {
    struct stat status {};
    EXPECT_EQ(::stat((*this / name).c_str(), &status), 0) << name;
    return status.st_mode & 0777;
  }

 private:
  std::string path_;
};

}  // namespace oneping
