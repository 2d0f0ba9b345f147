#include "app/commands.h"

#include <CLI/CLI.hpp>

#include "admin/commands.h"
#include "app/version.h"

namespace oneping {

void add_setting_flags(CLI::App& app, const std::vector<Setting>& settings,
                       OptionSources& sources) {
  app.add_option("--config", sources.file, "YAML file with the settings below")->type_name("FILE");
  for (const auto& setting : settings) {
    std::string help = setting.help + " [" + setting.variable() + "]";
    if (!setting.default_text.empty()) help += " (default " + setting.default_text + ")";
    auto* option = app.add_option_function<std::vector<std::string>>(
        setting.flag(),
        [&sources, key = setting.key](const std::vector<std::string>& texts) {
          sources.flags[key] = texts;
        },
        help);
    option->type_name(setting.placeholder + (setting.is_list ? " ..." : ""));
    // A list's flag comes once for each item, so that what follows it is never swallowed.
    option->expected(1)->type_size(1);
    option->multi_option_policy(setting.is_list ? CLI::MultiOptionPolicy::TakeAll
                                                : CLI::MultiOptionPolicy::Throw);
  }
}

int run_command_line(int argc, const char* const* argv) {
  CLI::App app("Carries ping, traceroute, mtr and UDP into a private network.", "oneping");
  app.require_subcommand(1);
  Action action;
  add_edge_command(app, action);
  add_connector_command(app, action);
  add_tool_commands(app, action);
  admin::add_tunnel_commands(app, action);
  admin::add_route_commands(app, action);
  admin::add_vnet_commands(app, action);
  admin::add_user_commands(app, action);
  admin::add_group_commands(app, action);
  admin::add_key_commands(app, action);
  admin::add_device_commands(app, action);
  add_device_end_commands(app, action);
  admin::add_policy_commands(app, action);
  admin::add_why_command(app, action);
  admin::add_audit_command(app, action);
  admin::add_events_command(app, action);
  admin::add_api_token_commands(app, action);
  add_ready_command(app, action);
  add_config_command(app, action);
  add_version_command(app, action);
  admin::add_completion_commands(app, action);
  admin::add_man_command(app, action, kVersion);
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    return app.exit(asked_for_help);
  } catch (const CLI::ParseError& error) {
    return fail_with({std::string(error.what()) + " (see --help)"}, kExitUsage);
  }
  return action();
}

}  // namespace oneping
