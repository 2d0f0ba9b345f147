#include "app/option_table.h"

#include <algorithm>
#include <cctype>

#include "app/yaml_file.h"

namespace oneping {

namespace {

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; !text.empty() && begin <= text.size();) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, comma - begin));
    begin = comma + 1;
  }
  return parts;
}

}  // namespace

std::string Setting::flag() const {
  std::string name = "--" + key;
  std::replace(name.begin(), name.end(), '.', '-');
  return name;
}

std::string Setting::variable() const {
  std::string name = "ONEPING_" + key;
  for (auto& c : name) {
    c = c == '.' || c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

void OptionTable::add_parsed(std::string key, std::string placeholder, std::string help,
                             std::string default_text,
                             std::function<Result<void>(const std::string&)> parse) {
  settings_.push_back({std::move(key), std::move(placeholder), std::move(help),
                       std::move(default_text), false,
                       [parse = std::move(parse)](const std::vector<std::string>& texts) {
                         return parse(texts.at(0));
                       }});
}

void OptionTable::add_address(std::string key, std::string help, IpFamily family,
                              std::optional<IpAddress>& field) {
  add_parsed(std::move(key), "ADDRESS", std::move(help), field ? field->to_string() : "",
             [family, &field](const std::string& text) -> Result<void> {
               const auto address = parse_address(text, family);
               if (!address) return tl::make_unexpected(address.error());
               field = *address;
               return {};
             });
}

void OptionTable::add_network(std::string key, std::string help, IpFamily family,
                              std::optional<Prefix>& field) {
  add_parsed(std::move(key), "PREFIX", std::move(help), field ? field->to_string() : "",
             [&field, family](const std::string& text) -> Result<void> {
               Prefix prefix;
               if (auto parsed = parse_setting(text, prefix); !parsed) return parsed;
               const bool v4 = family == IpFamily::v4;
               if (prefix.family() != family) {
                 return fail("'" + text + "' is no " + (v4 ? "IPv4" : "IPv6") + " prefix");
               }
               if (prefix.length() > (v4 ? 30 : 126)) {
                 return fail("'" + text + "' is too small: there is no room for hosts in it");
               }
               field = prefix;
               return {};
             });
}

void OptionTable::note_section(std::string section, bool& present) {
  noted_sections_.emplace(std::move(section), &present);
}

void OptionTable::note_origin(std::string key, std::string& origin) {
  noted_origins_.emplace(std::move(key), &origin);
}

Result<void> OptionTable::read_yaml(std::string_view text, const std::string& file_name) const {
  const YamlFile file(file_name);
  const auto document = file.parse(text);
  if (!document) return tl::make_unexpected(document.error());
  if (document->IsNull()) return {};
  if (!document->IsMap()) {
    return file.error_at(*document, "the file must hold settings, as in `key: value`");
  }
  return read_map(file, *document, "");
}

Result<void> OptionTable::read_map(const YamlFile& file, const YAML::Node& map,
                                   const std::string& prefix) const {
  return file.for_each(map, [&](const YAML::Node& key, const YAML::Node& value) {
    return read_entry(file, key, value, prefix);
  });
}

Result<void> OptionTable::read_entry(const YamlFile& file, const YAML::Node& key_node,
                                     const YAML::Node& value, const std::string& prefix) const {
  const std::string key = prefix + key_node.Scalar();
  if (value.IsNull()) {
    return file.error_at(key_node, "'" + key + "' has no value: write it, or remove the key");
  }
  if (is_section(key)) {
    if (!value.IsMap()) return file.error_at(value, "'" + key + "' must be a section of settings");
    if (const auto noted = noted_sections_.find(key); noted != noted_sections_.end()) {
      *noted->second = true;
    }
    return read_map(file, value, key + ".");
  }
  // A dot in a word of the file would reach into a section from outside of it.
  const bool is_word = key_node.Scalar().find('.') == std::string::npos;
  const Setting* setting = is_word ? find(key) : nullptr;
  if (setting == nullptr) return file.unknown_key(key_node, prefix, words_in(prefix));

  std::vector<std::string> texts;
  if (setting->is_list) {
    auto list = file.texts(value, key);
    if (!list) return tl::make_unexpected(list.error());
    texts = std::move(*list);
  } else {
    auto one = file.text(value, key);
    if (!one) return tl::make_unexpected(one.error());
    texts.push_back(std::move(*one));
  }
  const auto done = set(*setting, texts, file.place_of(value));
  return done ? done : file.error_at(value, key + ": " + done.error().message);
}

Result<void> OptionTable::read_environment(const Environment& environment) const {
  for (const auto& setting : settings_) {
    const char* value = environment(setting.variable().c_str());
    if (value == nullptr) continue;
    const auto texts = setting.is_list ? split_at_commas(value) : std::vector<std::string>{value};
    if (const auto done = set(setting, texts, setting.variable()); !done) {
      return fail(setting.variable(), done.error());
    }
  }
  return {};
}

Result<void> OptionTable::read_flags(const Texts& flags) const {
  for (const auto& setting : settings_) {
    const auto given = flags.find(setting.key);
    if (given == flags.end()) continue;
    if (const auto done = set(setting, given->second, setting.flag()); !done) {
      return fail(setting.flag(), done.error());
    }
  }
  return {};
}

Result<void> OptionTable::set(const Setting& setting, const std::vector<std::string>& texts,
                              const std::string& origin) const {
  if (const auto noted = noted_origins_.find(setting.key); noted != noted_origins_.end()) {
    *noted->second = origin;
  }
  const auto section = noted_sections_.find(setting.key.substr(0, setting.key.find('.')));
  if (section != noted_sections_.end()) *section->second = true;
  return setting.set(texts);
}

const Setting* OptionTable::find(const std::string& key) const {
  const auto found = std::find_if(settings_.begin(), settings_.end(),
                                  [&](const auto& setting) { return setting.key == key; });
  return found == settings_.end() ? nullptr : &*found;
}

bool OptionTable::is_section(const std::string& key) const {
  return std::any_of(settings_.begin(), settings_.end(),
                     [&](const auto& setting) { return setting.key.starts_with(key + "."); });
}

// The words that may stand behind `prefix`.
std::vector<std::string> OptionTable::words_in(const std::string& prefix) const {
  std::vector<std::string> words;
  const auto add = [&](const std::string& key) {
    if (!key.starts_with(prefix)) return;
    const std::string word =
        key.substr(prefix.size(), key.find('.', prefix.size()) - prefix.size());
    if (std::find(words.begin(), words.end(), word) == words.end()) words.push_back(word);
  };
  for (const auto& setting : settings_) add(setting.key);
  return words;
}

}  // namespace oneping
