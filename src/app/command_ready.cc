#include <httplib.h>

#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdio>
#include <memory>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/setting_value.h"

namespace oneping {

namespace {

constexpr std::chrono::seconds kTimeout{3};

struct Question {
  std::string admin = "127.0.0.1:9791";
  bool as_json = false;
};

std::string for_people(const nlohmann::json& answer, bool ready) {
  std::string text = ready ? "ready" : "not ready";
  if (!answer.is_object()) return text;
  for (const auto& [name, value] : answer.items()) {
    if (name != "status")
      text += ", " + name + " " + (value.is_string() ? value.get<std::string>() : value.dump());
  }
  return text;
}

int ask(const Question& question) {
  SocketAddress address;
  if (const auto parsed = parse_setting(question.admin, address); !parsed) {
    return fail_with({"--admin: " + parsed.error().message}, kExitUsage);
  }
  httplib::Client client(address.address.to_string(), address.port);
  client.set_connection_timeout(kTimeout);
  client.set_read_timeout(kTimeout);
  const auto response = client.Get("/ready");
  if (!response) {
    if (question.as_json) std::printf("{\"status\":0}\n");
    return fail_with({"not ready: nobody answers at " + question.admin}, kExitFailed);
  }
  const bool ready = response->status == 200;
  const auto answer = nlohmann::json::parse(response->body, nullptr, false);
  const std::string text =
      question.as_json && answer.is_object() ? answer.dump() : for_people(answer, ready);
  std::printf("%s\n", text.c_str());
  return ready ? 0 : kExitFailed;
}

}  // namespace

void add_ready_command(CLI::App& app, Action& action) {
  auto* command = app.add_subcommand("ready", "Say by the exit code whether a role is ready");
  command->footer("Example: oneping ready --admin 127.0.0.1:9790");
  const auto question = std::make_shared<Question>();
  command
      ->add_option("--admin", question->admin,
                   "admin address of the role; the default is a connector's (an edge: "
                   "127.0.0.1:9790)")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  command->add_flag("--json", question->as_json, "the answer as it is, JSON");
  command->callback([&action, question] { action = [question] { return ask(*question); }; });
}

}  // namespace oneping
