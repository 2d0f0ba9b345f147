#include "control/path_pattern.h"

#include <algorithm>

namespace oneping::control {

namespace {

bool is_parameter(const std::string& segment) { return segment.starts_with('{'); }

}  // namespace

std::vector<std::string> segments_of(std::string_view path) {
  std::vector<std::string> segments;
  while (path.starts_with('/')) {
    path.remove_prefix(1);
    const auto end = std::min(path.find('/'), path.size());
    segments.emplace_back(path.substr(0, end));
    path.remove_prefix(end);
  }
  if (!path.empty()) segments.emplace_back();  // does not begin with a slash: matches nothing
  return segments;
}

PathPattern::PathPattern(std::string text)
    : text_(std::move(text)), segments_(segments_of(text_)) {}

std::optional<std::vector<std::string>> PathPattern::match(
    const std::vector<std::string>& segments) const {
  if (segments.size() != segments_.size()) return std::nullopt;
  std::vector<std::string> parameters;
  for (std::size_t i = 0; i < segments.size(); ++i) {
    if (segments[i].empty()) return std::nullopt;
    if (is_parameter(segments_[i])) {
      parameters.push_back(segments[i]);
    } else if (segments[i] != segments_[i]) {
      return std::nullopt;
    }
  }
  return parameters;
}

std::vector<std::string> PathPattern::parameters() const {
  std::vector<std::string> names;
  for (const std::string& segment : segments_) {
    if (is_parameter(segment)) names.push_back(segment.substr(1, segment.size() - 2));
  }
  return names;
}

}  // namespace oneping::control
