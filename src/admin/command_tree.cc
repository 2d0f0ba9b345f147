#include "admin/command_tree.h"

#include <CLI/CLI.hpp>

namespace oneping::admin {

std::vector<const CLI::App*> commands_of(const CLI::App& parent) {
  return parent.get_subcommands([](const CLI::App* command) {
    return !command->get_name().empty() && !command->get_group().empty();
  });
}

std::vector<const CLI::Option*> flags_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) {
    return option->nonpositional() && !option->get_group().empty();
  });
}

std::vector<const CLI::Option*> arguments_of(const CLI::App& command) {
  return command.get_options([](const CLI::Option* option) {
    return option->get_positional() && !option->get_group().empty();
  });
}

std::vector<std::string> names_of(const CLI::Option& flag) {
  std::vector<std::string> names;
  for (const auto& name : flag.get_snames()) names.push_back("-" + name);
  for (const auto& name : flag.get_lnames()) names.push_back("--" + name);
  return names;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

bool takes_many(const CLI::Option& option) {
  return option.get_expected_max() == CLI::detail::expected_max_vector_size;
}

std::string placeholder_of(const CLI::Option& option) {
  if (option.get_positional()) return option.get_single_name();
  // A list's flag has dots behind it.
  const std::string type = option.get_type_name();
  return type.substr(0, type.find(' '));
}

}  // namespace oneping::admin
