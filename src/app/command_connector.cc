#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/connector_options.h"
#include "app/connector_process.h"
#include "app/logging.h"

namespace oneping {

namespace {

// Until SIGTERM or SIGINT, or the edge refuses the token.
int run(const OptionSources& sources) {
  const auto options = load_connector_options(sources);
  if (!options) return fail_with(options.error(), kExitUsage);
  set_up_logging(options->log);
  auto process = ConnectorProcess::start(*options);
  if (!process) return fail_with(process.error(), kExitUsage);
  if (auto done = (*process)->run(); !done) return fail_with(done.error(), kExitFailed);
  return 0;
}

}  // namespace

void add_connector_command(CLI::App& app, Action& action) {
  auto* connector = app.add_subcommand("connector", "The connector: inside the private network")
                        ->require_subcommand(1);
  auto* command = connector->add_subcommand("run", "Run the connector until it is told to stop");
  command->footer(
      "Example: oneping connector run --token-file office.token --edge edge.example.net:7844");
  const auto sources = std::make_shared<OptionSources>();
  add_setting_flags(*command, connector_settings(), *sources);
  command->callback([&action, sources] { action = [sources] { return run(*sources); }; });
}

}  // namespace oneping
