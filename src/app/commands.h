// The subcommands that run something here; the administrator's are in admin/commands.h. Each adds
// itself to the command line.
#pragma once

#include <vector>

#include "admin/command.h"
#include "app/option_sources.h"

namespace CLI {
class App;
}

namespace oneping {

void add_edge_command(CLI::App& app, Action& action);
void add_connector_command(CLI::App& app, Action& action);
// Under `device`, which has the administrator's commands already.
void add_device_end_commands(CLI::App& app, Action& action);
// ping, trace, mtr.
void add_tool_commands(CLI::App& app, Action& action);
void add_ready_command(CLI::App& app, Action& action);
void add_version_command(CLI::App& app, Action& action);
void add_config_command(CLI::App& app, Action& action);

// Adds --config and a flag for every setting; they end up in `sources`, which must outlive `app`.
void add_setting_flags(CLI::App& app, const std::vector<Setting>& settings, OptionSources& sources);

// The program.
int run_command_line(int argc, const char* const* argv);

}  // namespace oneping
