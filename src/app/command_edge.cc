#include <CLI/CLI.hpp>
#include <memory>

#include "admin/commands.h"
#include "app/commands.h"
#include "app/edge_options.h"
#include "app/edge_process.h"
#include "app/logging.h"

namespace oneping {

namespace {

// Until SIGTERM or SIGINT. What it cannot have (a port in use) is wrong in its configuration.
int run(const OptionSources& sources) {
  const auto load = [&sources] { return load_edge_options(sources); };
  const auto options = load();
  if (!options) return fail_with(options.error(), kExitUsage);
  set_up_logging(options->log);
  auto process = EdgeProcess::start(*options, load);
  if (!process) return fail_with(process.error(), kExitUsage);
  (*process)->run();
  return 0;
}

}  // namespace

void add_edge_command(CLI::App& app, Action& action) {
  auto* edge = app.add_subcommand("edge", "The edge: where packets enter")->require_subcommand(1);
  auto* command = edge->add_subcommand("run", "Run the edge until it is told to stop");
  command->footer("Example: oneping edge run --config /etc/oneping/edge.yml");
  const auto sources = std::make_shared<OptionSources>();
  add_setting_flags(*command, edge_settings(), *sources);
  command->callback([&action, sources] { action = [sources] { return run(*sources); }; });
  admin::add_edge_status(*edge, action);
  admin::add_edge_backup(*edge, action);
  admin::add_edge_dashboard(*edge, action);
}

}  // namespace oneping
