// The subcommands of the program. Each adds itself to the command line, and says by its exit code
// how it went: 0 done, 1 failed while running, 2 wrong usage or configuration.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "app/option_sources.h"

namespace CLI {
class App;
}

namespace oneping {

inline constexpr int kExitFailed = 1;
inline constexpr int kExitUsage = 2;

// What the command line asked for; called after it has been read.
using Action = std::function<int()>;

void add_edge_command(CLI::App& app, Action& action);
void add_connector_command(CLI::App& app, Action& action);
void add_tunnel_command(CLI::App& app, Action& action);
void add_ready_command(CLI::App& app, Action& action);
void add_version_command(CLI::App& app, Action& action);
void add_config_command(CLI::App& app, Action& action);

// Adds --config and a flag for every setting; they end up in `sources`, which must outlive `app`.
void add_setting_flags(CLI::App& app, const std::vector<Setting>& settings, OptionSources& sources);

// One line on standard error, and the code.
int fail_with(const Error& error, int exit_code);

// The program.
int run_command_line(int argc, const char* const* argv);

}  // namespace oneping
