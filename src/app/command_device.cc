// `oneping device enroll | up | down | status`: the device's own end, beside the administrator's
// commands of the same noun.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/background.h"
#include "app/commands.h"
#include "app/device_control.h"
#include "app/device_options.h"
#include "app/device_process.h"
#include "app/device_status.h"
#include "app/enrol_device.h"
#include "app/files.h"
#include "app/logging.h"
#include "app/tool_flags.h"

namespace oneping {

namespace {

constexpr std::uint16_t kEdgePort = 7844;
constexpr std::chrono::seconds kAnswerPatience{3};
constexpr std::chrono::seconds kDownPatience{10};

using Json = nlohmann::ordered_json;

// The folder that was named, or the user's own.
Result<DeviceState> state_at(const std::string& folder) {
  return state_folder(folder).map([](std::string path) { return DeviceState(std::move(path)); });
}

// Null if none is up.
Result<Json> ask_status(const DeviceState& state) {
  const auto answer = ask_device(state.socket(), kAskStatus, Until::answer, kAnswerPatience);
  if (!answer) return tl::make_unexpected(answer.error());
  if (!*answer) return Json();
  auto json = Json::parse(**answer, nullptr, false);
  if (!json.is_object()) return fail("the device at " + state.socket() + " makes no sense");
  return json;
}

std::string brief(const Json& status) {
  const auto is = [&](const char* field) {
    const auto found = status.find(field);
    return found == status.end() ? Json() : *found;
  };
  std::string text;
  for (const Json& address : is("addresses")) {
    text += (text.empty() ? "" : ", ") + address.get<std::string>();
  }
  return text + "; " + std::to_string(is("routes").size()) +
         (is("routes").size() == 1 ? " route" : " routes");
}

// A host, with a port or without.
Result<HostPort> edge_of(const std::string& text) {
  if (const auto whole = HostPort::parse(text)) return *whole;
  const bool is_v6 = text.find(':') != text.npos && !text.starts_with('[');
  const std::string port = ":" + std::to_string(kEdgePort);
  if (const auto host = HostPort::parse((is_v6 ? "[" + text + "]" : text) + port)) return *host;
  return fail("'" + text + "' is no edge: write a host, or HOST:PORT");
}

struct EnrolWords {
  std::string edge;
  std::string key_file;
  std::string name;
  std::string state;
  bool replace = false;
};

int enrol(const EnrolWords& words) {
  const auto edge = edge_of(words.edge);
  if (!edge) return fail_with({"--edge: " + edge.error().message}, kExitUsage);
  const auto state = state_at(words.state);
  if (!state) return fail_with(state.error(), kExitUsage);
  set_up_logging({.level = log::Level::error});
  const auto device = enrol_device({.state = state->folder(),
                                    .edge = *edge,
                                    .key_file = words.key_file,
                                    .name = words.name,
                                    .replace = words.replace});
  if (!device) return fail_with(device.error(), kExitFailed);
  std::string addresses;
  for (const Prefix& each : device->addresses) {
    addresses += (addresses.empty() ? "" : ", ") + each.address().to_string();
  }
  std::printf("enrolled as %s: %s\n", device->name.c_str(), addresses.c_str());
  return 0;
}

int run_up(const DeviceOptions& options, Stay stay, ReadyReport report) {
  set_up_logging(options.log);
  auto process = DeviceProcess::start(options, stay, std::move(report));
  if (!process) return fail_with(process.error(), kExitFailed);
  if (auto done = (*process)->run(); !done) return fail_with(done.error(), kExitFailed);
  return 0;
}

int up(const OptionSources& sources, bool in_foreground) {
  const auto options = load_device_options(sources);
  if (!options) return fail_with(options.error(), kExitUsage);
  const DeviceState state(options->state);
  const auto running = ask_status(state);
  if (!running) return fail_with(running.error(), kExitFailed);
  if (!running->is_null()) {
    std::printf("already up as %s: %s\n", running->value("device", "?").c_str(),
                brief(*running).c_str());
    return 0;
  }
  if (in_foreground) return run_up(*options, Stay::in_foreground, {});
  // What is wrong at a glance needs no log file.
  if (const auto stored = state.load(); !stored) return fail_with(stored.error(), kExitFailed);
  return run_in_background(state.log_file(), [&](ReadyReport report) {
    return run_up(*options, Stay::in_background, std::move(report));
  });
}

int down(const std::string& folder) {
  const auto state = state_at(folder);
  if (!state) return fail_with(state.error(), kExitUsage);
  const auto answer = ask_device(state->socket(), kAskDown, Until::end, kDownPatience);
  if (!answer) return fail_with(answer.error(), kExitFailed);
  std::puts(*answer ? "down" : "it was down already");
  return 0;
}

int status(const std::string& folder, const std::string& format) {
  const auto state = state_at(folder);
  if (!state) return fail_with(state.error(), kExitUsage);
  const auto status = ask_status(*state);
  if (!status) return fail_with(status.error(), kExitFailed);
  const bool as_json = format == "json";
  if (!status->is_null()) {
    print_status(*status, as_json);
    return status->value("state", "") == "open" ? 0 : kExitFailed;
  }
  const std::string word = state->is_enrolled() ? "down" : "not enrolled";
  if (as_json) {
    std::puts(Json{{"schema", 1}, {"state", word}}.dump().c_str());
  } else {
    std::puts(word.c_str());
  }
  return kExitFailed;
}

void add_enroll(CLI::App& device, Action& action) {
  auto* command = device.add_subcommand("enroll", "Make this host a device of an edge");
  command->footer("Example: oneping device enroll --edge edge.example.net --key-file key");
  const auto words = std::make_shared<EnrolWords>();
  command->add_option("--edge", words->edge, "the edge; its port is 7844 if none is said")
      ->type_name("HOST[:PORT]")
      ->required();
  command->add_option("--key-file", words->key_file, "the enrolment key that you were given")
      ->type_name("FILE")
      ->required();
  command->add_option("--name", words->name, "what to call the device; this host's name otherwise")
      ->type_name("NAME");
  add_state_flag(*command, words->state);
  command->add_flag("--replace", words->replace, "forget the identity that is there");
  command->callback([&action, words] { action = [words] { return enrol(*words); }; });
}

void add_up(CLI::App& device, Action& action) {
  auto* command = device.add_subcommand(
      "up",
      "Bring the device up: an interface with the edge's routes, until it is told to go down");
  command->footer("Example: oneping device up");
  const auto sources = std::make_shared<OptionSources>();
  const auto in_foreground = std::make_shared<bool>(false);
  command->add_flag("--foreground", *in_foreground, "stay, and log to standard error");
  add_setting_flags(*command, device_settings(), *sources);
  command->callback([&action, sources, in_foreground] {
    action = [sources, in_foreground] { return up(*sources, *in_foreground); };
  });
}

void add_down(CLI::App& device, Action& action) {
  auto* command = device.add_subcommand("down", "Take the device's interface and routes back");
  command->footer("Example: oneping device down");
  const auto folder = std::make_shared<std::string>();
  add_state_flag(*command, *folder);
  command->callback([&action, folder] { action = [folder] { return down(*folder); }; });
}

void add_status(CLI::App& device, Action& action) {
  auto* command = device.add_subcommand("status", "Say how this device is");
  command->footer("Example: oneping device status");
  const auto folder = std::make_shared<std::string>();
  const auto format = std::make_shared<std::string>("table");
  add_state_flag(*command, *folder);
  command->add_option("-o,--output", *format, "table or json")
      ->type_name("FORMAT")
      ->check(CLI::IsMember({"table", "json"}));
  command->callback([&action, folder, format] {
    action = [folder, format] { return status(*folder, *format); };
  });
}

}  // namespace

void add_device_end_commands(CLI::App& app, Action& action) {
  CLI::App& device = *app.get_subcommand("device");
  add_enroll(device, action);
  add_up(device, action);
  add_down(device, action);
  add_status(device, action);
}

}  // namespace oneping
