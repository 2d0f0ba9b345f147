#include "admin/testing/program.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "admin/commands.h"

namespace oneping::admin {

void add_all_commands(CLI::App& app, Action& action) {
  app.require_subcommand(1);
  auto* edge = app.add_subcommand("edge", "The edge: where packets enter")->require_subcommand(1);
  add_edge_status(*edge, action);
  add_edge_backup(*edge, action);
  add_edge_dashboard(*edge, action);
  add_tunnel_commands(app, action);
  add_route_commands(app, action);
  add_vnet_commands(app, action);
  add_user_commands(app, action);
  add_group_commands(app, action);
  add_key_commands(app, action);
  add_device_commands(app, action);
  add_policy_commands(app, action);
  add_why_command(app, action);
  add_audit_command(app, action);
  add_events_command(app, action);
  add_api_token_commands(app, action);
  add_completion_commands(app, action);
  add_man_command(app, action, "0.1.0");
}

int run_program(std::vector<std::string> words) {
  CLI::App app("Carries ping and traceroute into a private network.", "oneping");
  Action action;
  add_all_commands(app, action);
  std::reverse(words.begin(), words.end());  // as CLI11 wants them
  try {
    app.parse(std::move(words));
  } catch (const CLI::Success& asked_for_help) {
    return app.exit(asked_for_help);
  } catch (const CLI::ParseError& error) {
    return fail_with({std::string(error.what()) + " (see --help)"}, kExitUsage);
  }
  return action();
}

}  // namespace oneping::admin
