#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <map>

#include "admin/commands.h"
#include "admin/completion.h"
#include "admin/completion_scripts.h"
#include "admin/display_text.h"

namespace oneping::admin {

namespace {

constexpr std::chrono::seconds kPatience{1};
constexpr std::size_t kMostNames = 1000;

// Where the API keeps what a placeholder stands for, and the field that names it.
struct Kind {
  const char* placeholder;
  const char* path;
  const char* field;
};
constexpr Kind kKinds[] = {
    {"TUNNEL", "/tunnels", "name"},       {"PREFIX", "/routes", "prefix"},
    {"VNET", "/vnets", "name"},           {"USER", "/users", "name"},
    {"GROUP", "/groups", "name"},         {"KEY", "/keys", "name"},
    {"DEVICE", "/devices", "name"},       {"POLICY", "/policies", "name"},
    {"API-TOKEN", "/api-tokens", "name"},
};

std::vector<std::string> ask_names(const std::string& placeholder, ApiOptions options) {
  options.patience = kPatience;
  for (const auto& kind : kKinds) {
    if (placeholder != kind.placeholder) continue;
    const auto client = ApiClient::open(options);
    if (!client) return {};
    const auto items = client->list({"GET", kind.path, {}, {}}, kMostNames);
    if (!items) return {};
    std::vector<std::string> names;
    for (const auto& item : *items)
      names.push_back(printable(words_of(field_of(item, kind.field))));
    return names;
  }
  return {};
}

// What the command line does not say.
std::vector<std::string> names_of(const std::string& placeholder, ApiOptions options) {
  const auto variable = [](const char* name, std::string& value, const std::string& unset) {
    const char* text = std::getenv(name);
    if (text != nullptr && *text != '\0' && value == unset) value = text;
  };
  variable("ONEPING_API", options.api, kDefaultApi);
  variable("ONEPING_API_TOKEN_FILE", options.token_file, "");
  return ask_names(placeholder, std::move(options));
}

int print_completion(const CLI::App& root, std::vector<std::string> words) {
  if (!words.empty()) words.erase(words.begin());  // the program
  const Completion completion = complete(root, words, names_of);
  for (const auto& [text, description] : completion.candidates) {
    std::printf("%s\t%s\n", text.c_str(), description.c_str());
  }
  if (completion.is_file) std::puts(":files");
  return 0;
}

}  // namespace

void add_completion_commands(CLI::App& root, Action& action) {
  auto* completion =
      root.add_subcommand("completion", "What makes a shell complete the command lines of oneping")
          ->require_subcommand(1);
  struct Shell {
    const char* name;
    const char* script;
    const char* use;
  };
  for (const auto& [name, script, use] :
       {Shell{"bash", kBashCompletion, "source <(oneping completion bash)"},
        Shell{"zsh", kZshCompletion, "oneping completion zsh > ~/.zfunc/_oneping"},
        Shell{"fish", kFishCompletion, "oneping completion fish | source"}}) {
    auto* command =
        completion->add_subcommand(name, std::string("Print the completion for ") + name);
    command->footer(std::string("Example:\n  ") + use);
    command->callback([&action, text = script] {
      action = [text] {
        std::fputs(text, stdout);
        return 0;
      };
    });
  }

  // Takes its words as they are, flags too.
  auto* ask = root.add_subcommand("__complete")->group("")->prefix_command();
  ask->set_help_flag();
  ask->callback([&root, &action, ask] {
    action = [&root, ask] { return print_completion(root, ask->remaining()); };
  });
}

}  // namespace oneping::admin
