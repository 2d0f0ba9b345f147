// A path in which some segments stand for anything: "/groups/{group}/members/{user}".
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace oneping::control {

// Of "/a/b": a, b. Empty ones are among them, and match nothing.
[[nodiscard]] std::vector<std::string> segments_of(std::string_view path);

class PathPattern {
 public:
  explicit PathPattern(std::string text);

  // What stands for the segments in braces, in order; nothing if the path is another.
  [[nodiscard]] std::optional<std::vector<std::string>> match(
      const std::vector<std::string>& segments) const;

  [[nodiscard]] const std::string& text() const { return text_; }
  // The names in braces.
  [[nodiscard]] std::vector<std::string> parameters() const;

 private:
  std::string text_;
  std::vector<std::string> segments_;
};

}  // namespace oneping::control
