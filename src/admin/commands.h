// The administrator's subcommands: clients of the control API (docs/api.md), and nothing more.
#pragma once

#include <string>

#include "admin/command.h"

namespace CLI {
class App;
}

namespace oneping::admin {

void add_tunnel_commands(CLI::App& app, Action& action);
void add_route_commands(CLI::App& app, Action& action);
void add_vnet_commands(CLI::App& app, Action& action);
void add_user_commands(CLI::App& app, Action& action);
void add_group_commands(CLI::App& app, Action& action);
void add_key_commands(CLI::App& app, Action& action);
void add_device_commands(CLI::App& app, Action& action);
void add_policy_commands(CLI::App& app, Action& action);
void add_audit_command(CLI::App& app, Action& action);
void add_events_command(CLI::App& app, Action& action);
void add_api_token_commands(CLI::App& app, Action& action);
void add_why_command(CLI::App& app, Action& action);

// Under `edge`, which has other commands too.
void add_edge_status(CLI::App& edge, Action& action);
void add_edge_backup(CLI::App& edge, Action& action);
void add_edge_dashboard(CLI::App& edge, Action& action);

// These two tell of the whole program: `root` is its top, which must outlive the action.
void add_completion_commands(CLI::App& root, Action& action);
void add_man_command(CLI::App& root, Action& action, std::string version);

}  // namespace oneping::admin
