#include "app/yaml_file.h"

#include <set>

#include "app/nearest_word.h"

namespace oneping {

namespace {

std::string position(const YAML::Mark& mark) {
  if (mark.is_null()) return "";
  return ":" + std::to_string(mark.line + 1) + ":" + std::to_string(mark.column + 1);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

}  // namespace

Result<YAML::Node> YamlFile::parse(std::string_view text) const {
  try {
    return YAML::Load(std::string(text));
  } catch (const YAML::Exception& error) {
    return fail(name_ + position(error.mark) + ": not YAML: " + error.msg);
  }
}

std::string YamlFile::place_of(const YAML::Node& node) const {
  return name_ + position(node.Mark());
}

tl::unexpected<Error> YamlFile::error_at(const YAML::Node& node, const std::string& message) const {
  return fail(place_of(node) + ": " + message);
}

tl::unexpected<Error> YamlFile::unknown_key(const YAML::Node& key, const std::string& prefix,
                                            const std::vector<std::string>& known) const {
  const std::string unknown = "unknown key '" + prefix + key.Scalar() + "': ";
  const auto nearest = nearest_word(key.Scalar(), known);
  return error_at(key, unknown + (nearest ? "did you mean '" + prefix + *nearest + "'?"
                                          : "known here are " + joined(known)));
}

Result<void> YamlFile::for_each(const YAML::Node& map, const Visit& visit) const {
  std::set<std::string> seen;
  for (const auto& entry : map) {
    if (!entry.first.IsScalar()) return error_at(entry.first, "a key must be a word");
    if (!seen.insert(entry.first.Scalar()).second) {
      return error_at(entry.first,
                      "'" + entry.first.Scalar() + "' is here twice: remove one of them");
    }
    if (auto visited = visit(entry.first, entry.second); !visited) return visited;
  }
  return {};
}

Result<std::string> YamlFile::text(const YAML::Node& node, const std::string& key) const {
  if (node.IsScalar()) return node.Scalar();
  return error_at(node, "'" + key + "' must be one value");
}

Result<std::vector<std::string>> YamlFile::texts(const YAML::Node& node,
                                                 const std::string& key) const {
  if (node.IsScalar()) return std::vector<std::string>{node.Scalar()};
  if (!node.IsSequence()) return error_at(node, "'" + key + "' must be a list");
  std::vector<std::string> texts;
  for (const auto& item : node) {
    const auto one = text(item, key);
    if (!one) return tl::make_unexpected(one.error());
    texts.push_back(*one);
  }
  return texts;
}

}  // namespace oneping
