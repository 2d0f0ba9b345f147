#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/version.h"

namespace oneping {

void add_version_command(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("version", "Say which version this is");
  command->footer("Example: oneping version --json");
  const auto as_json = std::make_shared<bool>(false);
  command->add_flag("--json", *as_json, "as a JSON object");
  command->callback([&action, as_json] {
    action = [as_json] {
      const nlohmann::ordered_json object = {
          {"schema", 1}, {"version", kVersion}, {"architecture", kArchitecture}};
      const std::string text = *as_json ? object.dump() : std::string("oneping ") + kVersion;
      std::printf("%s\n", text.c_str());
      return 0;
    };
  });
}

}  // namespace oneping
