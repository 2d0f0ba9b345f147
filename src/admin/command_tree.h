// The command line as --help shows it, for others who tell of it: completion and the manual page.
// Commands and flags without a group are hidden.
#pragma once

#include <string>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace oneping::admin {

[[nodiscard]] std::vector<const CLI::App*> commands_of(const CLI::App& parent);
[[nodiscard]] std::vector<const CLI::Option*> flags_of(const CLI::App& command);
[[nodiscard]] std::vector<const CLI::Option*> arguments_of(const CLI::App& command);

// "-o", "--output"; none for an argument.
[[nodiscard]] std::vector<std::string> names_of(const CLI::Option& flag);
[[nodiscard]] bool takes_value(const CLI::Option& option);
[[nodiscard]] bool takes_many(const CLI::Option& option);
// What stands for the value: "FILE", "table|json".
[[nodiscard]] std::string placeholder_of(const CLI::Option& option);

}  // namespace oneping::admin
