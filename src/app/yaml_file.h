// A YAML document as the configuration reads it: errors say file, line and column; a map has no key
// twice, and its keys are plain words.
#pragma once

#include <yaml-cpp/yaml.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace oneping {

class YamlFile {
 public:
  explicit YamlFile(std::string name) : name_(std::move(name)) {}

  // Null for an empty document.
  [[nodiscard]] Result<YAML::Node> parse(std::string_view text) const;

  // "edge.yml:3:9".
  [[nodiscard]] std::string place_of(const YAML::Node& node) const;
  [[nodiscard]] tl::unexpected<Error> error_at(const YAML::Node& node,
                                               const std::string& message) const;
  // A key that is not among `known`, which must not be empty.
  [[nodiscard]] tl::unexpected<Error> unknown_key(const YAML::Node& key, const std::string& prefix,
                                                  const std::vector<std::string>& known) const;

  // Calls `visit` for each entry, in the order of the file, until one fails.
  using Visit = std::function<Result<void>(const YAML::Node& key, const YAML::Node& value)>;
  [[nodiscard]] Result<void> for_each(const YAML::Node& map, const Visit& visit) const;

  // A text, or a list of texts, of the key `key`.
  [[nodiscard]] Result<std::string> text(const YAML::Node& node, const std::string& key) const;
  [[nodiscard]] Result<std::vector<std::string>> texts(const YAML::Node& node,
                                                       const std::string& key) const;

 private:
  std::string name_;
};

}  // namespace oneping
