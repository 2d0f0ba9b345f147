#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "app/commands.h"
#include "app/connector_options.h"
#include "app/device_options.h"
#include "app/edge_options.h"

namespace oneping {

namespace {

struct Files {
  std::string edge;
  std::string connector;
  std::string device;
};

template <typename Options>
bool is_sound(const std::string& file, Result<Options> (*load)(const OptionSources&)) {
  OptionSources sources;
  sources.file = file;
  const auto options = load(sources);
  if (options) {
    std::printf("%s: fine\n", file.c_str());
    return true;
  }
  fail_with(options.error(), kExitUsage);
  return false;
}

int check(const Files& files) {
  bool sound = true;
  if (!files.edge.empty()) sound = is_sound(files.edge, load_edge_options) && sound;
  if (!files.connector.empty()) sound = is_sound(files.connector, load_connector_options) && sound;
  if (!files.device.empty()) sound = is_sound(files.device, load_device_options) && sound;
  return sound ? 0 : kExitUsage;
}

}  // namespace

void add_config_command(CLI::App& app, Action& action) {
  auto* config = app.add_subcommand("config", "Configuration files")->require_subcommand(1);
  auto* command = config->add_subcommand("check", "Say whether files are right, without running");
  command->footer("Example: oneping config check --edge /etc/oneping/edge.yml");
  const auto files = std::make_shared<Files>();
  command->add_option("--edge", files->edge, "the edge's file")->type_name("FILE");
  command->add_option("--connector", files->connector, "the connector's file")->type_name("FILE");
  command->add_option("--device", files->device, "the device's file")->type_name("FILE");
  command->require_option(1, 3);
  command->callback([&action, files] { action = [files] { return check(*files); }; });
}

}  // namespace oneping
