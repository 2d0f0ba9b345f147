#include "admin/man_page.h"

#include <CLI/CLI.hpp>
#include <cctype>
#include <cstdio>
#include <map>
#include <utility>
#include <vector>

#include "admin/command_tree.h"
#include "admin/commands.h"

namespace oneping::admin {

namespace {

struct Entry {
  std::string path;  // "oneping tunnel create"
  const CLI::App* command;
};

void collect(const CLI::App& above, const std::string& path, std::vector<Entry>& entries) {
  for (const auto* command : commands_of(above)) {
    const std::string below = path + " " + command->get_name();
    entries.push_back({below, command});
    collect(*command, below, entries);
  }
}

// As text that roff prints as it is (groff(7), "Escape sequences").
std::string escaped(const std::string& text) {
  std::string roff;
  bool at_begin = true;
  for (const char c : text) {
    if (at_begin && (c == '.' || c == '\'')) roff += "\\&";
    if (c == '\\') {
      roff += "\\e";
    } else {
      roff += c == '-' ? "\\-" : std::string(1, c);
    }
    at_begin = c == '\n';
  }
  return roff;
}

std::string bold(const std::string& text) { return "\\fB" + escaped(text) + "\\fR"; }
std::string italic(const std::string& text) { return "\\fI" + escaped(text) + "\\fR"; }

// "-o, --output table|json".
std::string heading_of(const CLI::Option& flag) {
  std::string text;
  for (const auto& name : names_of(flag)) text += (text.empty() ? "" : ", ") + bold(name);
  return takes_value(flag) ? text + " " + italic(placeholder_of(flag)) : text;
}

std::string paragraph_of(const std::string& heading, const CLI::Option& option) {
  return ".TP\n" + heading + "\n" + escaped(option.get_description()) + "\n";
}

std::string synopsis_of(const Entry& entry) {
  std::string text = entry.path;
  for (const auto* argument : arguments_of(*entry.command)) {
    const std::string name = placeholder_of(*argument) + (takes_many(*argument) ? " ..." : "");
    text += argument->get_required() ? " " + name : " [" + name + "]";
  }
  return text;
}

// Without a sentence's capital and full stop, as whatis(1) wants it.
std::string as_phrase(std::string sentence) {
  if (sentence.ends_with('.')) sentence.pop_back();
  if (!sentence.empty()) {
    auto& first = sentence.front();
    first = static_cast<char>(std::tolower(static_cast<unsigned char>(first)));
  }
  return sentence;
}

// A flag that most commands have in the same words is told once.
using Flag = std::pair<std::string, std::string>;
Flag words_of_flag(const CLI::Option& flag) { return {heading_of(flag), flag.get_description()}; }

std::map<Flag, std::size_t> count_flags(const std::vector<Entry>& entries) {
  std::map<Flag, std::size_t> counts;
  for (const auto& entry : entries) {
    for (const auto* flag : flags_of(*entry.command)) ++counts[words_of_flag(*flag)];
  }
  return counts;
}

std::string section_of(const Entry& entry, const std::map<Flag, std::size_t>& counts,
                       std::size_t common) {
  std::string text = ".SS \"" + escaped(synopsis_of(entry)) + "\"\n" +
                     escaped(entry.command->get_description()) + ".\n";
  for (const auto* argument : arguments_of(*entry.command)) {
    text += paragraph_of(italic(placeholder_of(*argument)), *argument);
  }
  for (const auto* flag : flags_of(*entry.command)) {
    if (counts.at(words_of_flag(*flag)) < common) text += paragraph_of(heading_of(*flag), *flag);
  }
  if (const std::string footer = entry.command->get_footer(); !footer.empty()) {
    text += ".PP\n.nf\n" + escaped(footer) + "\n.fi\n";
  }
  return text;
}

std::string environment_of(const std::vector<Entry>& entries) {
  std::map<std::string, std::string> flags;
  for (const auto& entry : entries) {
    for (const auto* flag : flags_of(*entry.command)) {
      if (!flag->get_envname().empty()) flags[flag->get_envname()] = names_of(*flag).back();
    }
  }
  std::string text;
  for (const auto& [variable, flag] : flags) {
    text += ".TP\n" + bold(variable) + "\nThe same as " + bold(flag) + ", which is stronger.\n";
  }
  return text;
}

}  // namespace

std::string man_page(const CLI::App& root, const std::string& version) {
  std::vector<Entry> entries;
  collect(root, root.get_name(), entries);
  const auto counts = count_flags(entries);
  const std::size_t common = entries.size() / 2 + 1;

  std::string text = ".TH ONEPING 1 \"\" \"oneping " + version + "\" \"User Commands\"\n";
  text += ".nh\n.ad l\n";  // names and addresses stay whole
  text += ".SH NAME\noneping \\- " + escaped(as_phrase(root.get_description())) + "\n";
  text += ".SH SYNOPSIS\n" + bold("oneping") + " " + italic("COMMAND") + " ...\n";
  text += ".SH COMMANDS\n";
  for (const auto& entry : entries) text += section_of(entry, counts, common);
  text += ".SH \"COMMON OPTIONS\"\n";
  for (const auto& [flag, count] : counts) {
    if (count >= common) text += ".TP\n" + flag.first + "\n" + escaped(flag.second) + "\n";
  }
  text += ".SH ENVIRONMENT\nEach setting of " + bold("edge run") + ", " + bold("connector run") +
          " and " + bold("device up") + " has a variable, which its flag names.\n" +
          environment_of(entries);
  text +=
      ".SH \"EXIT STATUS\"\n.TP\n0\nDone.\n.TP\n1\nFailed, or the answer is no.\n"
      ".TP\n2\nWrong usage or configuration.\n";
  return text;
}

void add_man_command(CLI::App& root, Action& action, std::string version) {
  auto* command = root.add_subcommand("man", "Print the manual page of all commands");
  command->footer("Example:\n  oneping man | man -l -");
  command->callback([&root, &action, version = std::move(version)] {
    action = [&root, version] {
      std::fputs(man_page(root, version).c_str(), stdout);
      return 0;
    };
  });
}

}  // namespace oneping::admin
