#include <CLI/CLI.hpp>
#include <memory>

#include "app/commands.h"
#include "app/connector_options.h"
#include "app/logging.h"
#include "app/run_connector.h"

namespace oneping {

namespace {

int run(const OptionSources& sources) {
  const auto options = load_connector_options(sources);
  if (!options) return fail_with(options.error(), kExitUsage);
  set_up_logging(options->log);
  return run_connector(*options);
}

}  // namespace

void add_connector_command(CLI::App& app, Action& action) {
  auto* connector = app.add_subcommand("connector", "The connector: inside the private network")
                        ->require_subcommand(1);
  auto* command = connector->add_subcommand("run", "Run the connector until it is told to stop");
  const auto sources = std::make_shared<OptionSources>();
  add_setting_flags(*command, connector_settings(), *sources);
  command->callback([&action, sources] { action = [sources] { return run(*sources); }; });
}

}  // namespace oneping
