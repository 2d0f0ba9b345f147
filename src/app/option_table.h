// The settings of one command, each declared once: its key, what it looks like, what it is for, and
// where its value goes. From the key follow the place in the YAML file ("log.level" is `level` in
// the section `log`), the flag (--log-level) and the environment variable (ONEPING_LOG_LEVEL).
//
// The table refers to the fields that it was given; they must outlive it. Reading in the order
// file, environment, flags makes flags win. A list replaces the one read before.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/setting_value.h"
#include "base/result.h"

namespace YAML {
class Node;
}

namespace oneping {

class YamlFile;

struct Setting {
  std::string key;
  std::string placeholder;  // what a value looks like, in the help
  std::string help;
  std::string default_text;
  bool is_list = false;
  // Takes one text, or for a list any number of them.
  std::function<Result<void>(const std::vector<std::string>& texts)> set;

  [[nodiscard]] std::string flag() const;
  [[nodiscard]] std::string variable() const;
};

class OptionTable {
 public:
  using Texts = std::map<std::string, std::vector<std::string>>;  // by key
  // What an environment variable holds, or null.
  using Environment = std::function<const char*(const char* name)>;

  // A setting of a type that parse_setting() knows.
  template <typename T>
  void add(std::string key, std::string placeholder, std::string help, T& field) {
    add_parsed(std::move(key), std::move(placeholder), std::move(help), setting_text(field),
               [&field](const std::string& text) { return parse_setting(text, field); });
  }

  // A list of them, with so many at least.
  template <typename T>
  void add_list(std::string key, std::string placeholder, std::string help, std::vector<T>& field,
                std::size_t least = 0) {
    std::string defaults;
    for (const auto& value : field) defaults += (defaults.empty() ? "" : ",") + setting_text(value);
    settings_.push_back({std::move(key), std::move(placeholder), std::move(help), defaults, true,
                         [&field, least](const std::vector<std::string>& texts) -> Result<void> {
                           if (texts.size() < least)
                             return fail("needs at least " + std::to_string(least));
                           std::vector<T> values(texts.size());
                           for (std::size_t i = 0; i < texts.size(); ++i) {
                             if (auto parsed = parse_setting(texts[i], values[i]); !parsed) {
                               return parsed;
                             }
                           }
                           field = std::move(values);
                           return {};
                         }});
  }

  template <typename T>
  void add_number(std::string key, std::string help, T& field, std::uint64_t min,
                  std::uint64_t max) {
    add_number_or(std::move(key), std::move(help), std::to_string(field), field, min, max);
  }
  // The same where nothing given is a number of its own: the text says which.
  template <typename T>
  void add_number_or(std::string key, std::string help, std::string default_text, T& field,
                     std::uint64_t min, std::uint64_t max) {
    add_parsed(std::move(key), "N", std::move(help), std::move(default_text),
               [&field, min, max](const std::string& text) -> Result<void> {
                 const auto number = parse_number(text, min, max);
                 if (!number) return tl::make_unexpected(number.error());
                 field = static_cast<T>(*number);
                 return {};
               });
  }

  // One of some words.
  template <typename T>
  void add_choice(std::string key, std::string help, T& field,
                  std::vector<std::pair<std::string, T>> choices) {
    std::string words;
    std::string current;
    for (const auto& [word, value] : choices) {
      words += (words.empty() ? "" : "|") + word;
      if (value == field) current = word;
    }
    add_parsed(std::move(key), words, std::move(help), current,
               [&field, choices, words](const std::string& text) -> Result<void> {
                 for (const auto& [word, value] : choices) {
                   if (word != text) continue;
                   field = value;
                   return {};
                 }
                 return fail("'" + text + "' is not one of " + words);
               });
  }

  void add_address(std::string key, std::string help, IpFamily family,
                   std::optional<IpAddress>& field);

  // A prefix of the family, with room for at least two hosts.
  void add_network(std::string key, std::string help, IpFamily family,
                   std::optional<Prefix>& field);

  // Sets `present` when any setting of the section is given, or the section itself.
  void note_section(std::string section, bool& present);
  // Keeps where the setting's value comes from, for errors that show only when it is used:
  // "edge.yml:3:9", "--admin", "ONEPING_ADMIN".
  void note_origin(std::string key, std::string& origin);

  [[nodiscard]] Result<void> read_yaml(std::string_view text, const std::string& file_name) const;
  [[nodiscard]] Result<void> read_environment(const Environment& environment) const;
  [[nodiscard]] Result<void> read_flags(const Texts& flags) const;

  [[nodiscard]] const std::vector<Setting>& settings() const { return settings_; }

 private:
  void add_parsed(std::string key, std::string placeholder, std::string help,
                  std::string default_text, std::function<Result<void>(const std::string&)> parse);
  [[nodiscard]] Result<void> read_map(const YamlFile& file, const YAML::Node& map,
                                      const std::string& prefix) const;
  [[nodiscard]] Result<void> read_entry(const YamlFile& file, const YAML::Node& key_node,
                                        const YAML::Node& value, const std::string& prefix) const;
  [[nodiscard]] Result<void> set(const Setting& setting, const std::vector<std::string>& texts,
                                 const std::string& origin) const;
  [[nodiscard]] const Setting* find(const std::string& key) const;
  [[nodiscard]] bool is_section(const std::string& key) const;
  [[nodiscard]] std::vector<std::string> words_in(const std::string& prefix) const;

  std::vector<Setting> settings_;
  std::map<std::string, bool*> noted_sections_;
  std::map<std::string, std::string*> noted_origins_;
};

}  // namespace oneping
