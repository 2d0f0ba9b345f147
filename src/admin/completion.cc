#include "admin/completion.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <string_view>

#include "admin/command_tree.h"

namespace oneping::admin {

namespace {

// Reads the words before the last one, to know where that stands.
class Reader {
 public:
  Reader(const CLI::App& root, const NamesOf& names) : command_(&root), names_(names) {}

  void read(const std::string& word) {
    if (flag_ != nullptr) {
      note(*flag_, word);
      flag_ = nullptr;
    } else if (!only_arguments_ && word == "--") {
      only_arguments_ = true;
    } else if (!only_arguments_ && word.size() > 1 && word.front() == '-') {
      read_flag(word);
    } else if (const CLI::App* next = find_command(word)) {
      command_ = next;
      arguments_ = 0;
    } else {
      ++arguments_;
    }
  }

  [[nodiscard]] Completion complete(const std::string& word) const {
    if (flag_ != nullptr) return values(placeholder_of(*flag_), "", word);
    const std::size_t equals = word.find('=');
    if (!only_arguments_ && word.starts_with("--") && equals != word.npos) {
      const CLI::Option* flag = find_flag(word.substr(0, equals));
      if (flag == nullptr || !takes_value(*flag)) return {};
      return values(placeholder_of(*flag), word.substr(0, equals + 1), word);
    }
    if (!only_arguments_ && word.starts_with('-')) return flags(word);
    if (const auto commands = commands_of(*command_); !commands.empty()) {
      Completion found;
      for (const auto* command : commands) {
        add(found, command->get_name(), command->get_description(), word);
      }
      return found;
    }
    const auto arguments = arguments_of(*command_);
    if (arguments.empty()) return {};
    const CLI::Option* argument = arguments[std::min(arguments_, arguments.size() - 1)];
    if (arguments_ >= arguments.size() && !takes_many(*argument)) return {};
    return values(placeholder_of(*argument), "", word);
  }

 private:
  void read_flag(const std::string& word) {
    const std::size_t equals = word.find('=');
    const CLI::Option* flag = find_flag(word.substr(0, equals));
    if (flag == nullptr || !takes_value(*flag)) return;
    if (equals == word.npos) {
      flag_ = flag;
    } else {
      note(*flag, word.substr(equals + 1));
    }
  }

  // The names come from the edge that the command would ask.
  void note(const CLI::Option& flag, const std::string& value) {
    if (flag.get_single_name() == "api") options_.api = value;
    if (flag.get_single_name() == "api-token-file") options_.token_file = value;
  }

  [[nodiscard]] const CLI::App* find_command(const std::string& name) const {
    if (only_arguments_) return nullptr;
    for (const auto* command : commands_of(*command_)) {
      if (command->get_name() == name) return command;
    }
    return nullptr;
  }

  [[nodiscard]] const CLI::Option* find_flag(const std::string& name) const {
    for (const auto* flag : flags_of(*command_)) {
      const auto names = admin::names_of(*flag);
      if (std::find(names.begin(), names.end(), name) != names.end()) return flag;
    }
    return nullptr;
  }

  [[nodiscard]] Completion flags(const std::string& word) const {
    Completion found;
    for (const auto* flag : flags_of(*command_)) {
      for (const auto& name : admin::names_of(*flag)) {
        add(found, name, flag->get_description(), word);
      }
    }
    return found;
  }

  // What may stand for a placeholder, behind `before`: words in small letters stand for themselves.
  [[nodiscard]] Completion values(const std::string& placeholder, const std::string& before,
                                  const std::string& word) const {
    Completion found;
    for (std::size_t at = 0; at <= placeholder.size();) {
      const std::size_t bar = std::min(placeholder.find('|', at), placeholder.size());
      const std::string part = placeholder.substr(at, bar - at);
      at = bar + 1;
      if (part == "FILE" || part == "FOLDER") {
        found.is_file = true;
      } else if (std::any_of(part.begin(), part.end(), is_capital)) {
        for (const auto& name : names_(part, options_)) add(found, before + name, "", word);
      } else {
        add(found, before + part, "", word);
      }
    }
    return found;
  }

  static bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }

  static void add(Completion& found, const std::string& text, const std::string& description,
                  const std::string& word) {
    if (text.starts_with(word)) found.candidates.push_back({text, description});
  }

  const CLI::App* command_;
  const NamesOf& names_;
  std::size_t arguments_ = 0;          // of the command, so far
  const CLI::Option* flag_ = nullptr;  // the word before, if it wants a value
  bool only_arguments_ = false;        // after "--"
  ApiOptions options_;
};

}  // namespace

Completion complete(const CLI::App& root, const std::vector<std::string>& words,
                    const NamesOf& names_of) {
  if (words.empty()) return {};
  Reader reader(root, names_of);
  for (std::size_t i = 0; i + 1 < words.size(); ++i) reader.read(words[i]);
  return reader.complete(words.back());
}

}  // namespace oneping::admin
