#include "admin/api_command.h"

#include <CLI/CLI.hpp>
#include <cstdio>

#include "admin/parse.h"

namespace oneping::admin {

struct ApiCommand::State {
  ApiOptions api;
  std::string format = "table";
  Json fields = Json::object();
  std::size_t limit = kAll;
  int failure = kExitFailed;
  std::vector<std::vector<std::string>> needed;  // one of each of these flags
  Run run;

  [[nodiscard]] int execute() const;
};

int ApiCommand::State::execute() const {
  auto client = ApiClient::open(api);
  if (!client) return fail_with(client.error(), kExitUsage);
  const Session session{std::move(*client), format == "json" ? Format::json : Format::table};
  const auto done = run(session, fields);
  // What was asked for may be a secret that cannot be asked for again.
  if (std::fflush(stdout) != 0) return fail_with({"writing to standard output failed"}, failure);
  return done ? *done : fail_with(done.error(), failure);
}

namespace {

Json parsed(const Parse& parse, const std::string& name, const std::string& text) {
  auto value = parse ? parse(text) : parse_text(text);
  if (!value) throw CLI::ValidationError(name, value.error().message);
  return *value;
}

void check_one_is_given(const CLI::App& command, const std::vector<std::string>& flags) {
  std::string names;
  for (const auto& flag : flags) {
    if (command.count(flag) != 0) return;
    names += (names.empty() ? "" : " or ") + flag;
  }
  throw CLI::RequiredError(names);
}

}  // namespace

Noun::Noun(CLI::App& app, Action& action, const std::string& name, const std::string& description)
    : app_(*app.add_subcommand(name, description)->require_subcommand(1)), action_(action) {}

ApiCommand Noun::command(const std::string& name, const std::string& description,
                         const std::string& example) const {
  return {app_, action_, name, description, example};
}

ApiCommand::ApiCommand(CLI::App& parent, Action& action, const std::string& name,
                       const std::string& description, const std::string& example)
    : command_(*parent.add_subcommand(name, description)),
      action_(action),
      state_(std::make_shared<State>()) {
  command_.footer("Example:\n  " + example);
}

CLI::Option* ApiCommand::add(const std::string& name, const std::string& field,
                             const std::string& help, const Parse& parse) {
  return command_.add_option_function<std::string>(
      name,
      [state = state_, name, field, parse](const std::string& text) {
        state->fields[field] = parsed(parse, name, text);
      },
      help);
}

CLI::Option* ApiCommand::add_list(const std::string& name, const std::string& field,
                                  const std::string& help, const Parse& parse) {
  return command_.add_option_function<std::vector<std::string>>(
      name,
      [state = state_, name, field, parse](const std::vector<std::string>& texts) {
        for (const auto& text : texts) state->fields[field].push_back(parsed(parse, name, text));
      },
      help);
}

ApiCommand& ApiCommand::argument(const std::string& placeholder, const std::string& field,
                                 const std::string& help) {
  add(placeholder, field, help, nullptr)->type_name("")->required();
  return *this;
}

ApiCommand& ApiCommand::optional_argument(const std::string& placeholder, const std::string& field,
                                          const std::string& help) {
  add(placeholder, field, help, nullptr)->type_name("");
  return *this;
}

ApiCommand& ApiCommand::arguments(const std::string& placeholder, const std::string& field,
                                  const std::string& help) {
  add_list(placeholder, field, help, nullptr)->type_name("")->required();
  return *this;
}

ApiCommand& ApiCommand::option(const std::string& flag, const std::string& field,
                               const std::string& placeholder, const std::string& help,
                               const Parse& parse) {
  add(flag, field, help, parse)->type_name(placeholder);
  return *this;
}

ApiCommand& ApiCommand::list_option(const std::string& flag, const std::string& field,
                                    const std::string& placeholder, const std::string& help,
                                    const Parse& parse) {
  // The flag comes once for each item, so that what follows it is never swallowed.
  add_list(flag, field, help, parse)
      ->type_name(placeholder + " ...")
      ->expected(1)
      ->type_size(1)
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  return *this;
}

ApiCommand& ApiCommand::flag(const std::string& flag, const std::string& field,
                             const std::string& help, const Json& value) {
  command_.add_flag_callback(
      flag, [state = state_, field, value] { state->fields[field] = value; }, help);
  return *this;
}

ApiCommand& ApiCommand::at_most_one(const std::vector<std::string>& flags) {
  for (const auto& one : flags) {
    for (const auto& other : flags) {
      if (one < other) command_.get_option(one)->excludes(command_.get_option(other));
    }
  }
  return *this;
}

ApiCommand& ApiCommand::at_least_one(const std::vector<std::string>& flags) {
  state_->needed.push_back(flags);
  return *this;
}

ApiCommand& ApiCommand::only_with(const std::string& flag, const std::string& other) {
  command_.get_option(flag)->needs(command_.get_option(other));
  return *this;
}

ApiCommand& ApiCommand::fails_with(int exit_code) {
  state_->failure = exit_code;
  return *this;
}

void ApiCommand::runs(Run run) {
  add_common_flags();
  state_->run = std::move(run);
  command_.callback([&command = command_, &action = action_, state = state_] {
    for (const auto& flags : state->needed) check_one_is_given(command, flags);
    action = [state] { return state->execute(); };
  });
}

// Behind the command's own, so that --help begins with those.
void ApiCommand::add_common_flags() {
  command_
      .add_option("--api", state_->api.api,
                  std::string("the edge's control API: a socket, or http://HOST:PORT (default ") +
                      kDefaultApi + ")")
      ->type_name("ADDRESS")
      ->envname("ONEPING_API");
  command_
      .add_option("--api-token-file", state_->api.token_file,
                  "holds the token that the API asks for over HTTP")
      ->type_name("FILE")
      ->envname("ONEPING_API_TOKEN_FILE");
  command_
      .add_option("-o,--output", state_->format,
                  "a table for people, or JSON for programs (default table)")
      ->type_name("table|json")
      ->check(CLI::IsMember({"table", "json"}).description(""));
}

void ApiCommand::asks(const std::string& request, const std::string& sentence) {
  runs([request, sentence](const Session& session, Json fields) -> Result<int> {
    const auto answer = session.api.call(request_of(request, fields));
    if (!answer) return tl::make_unexpected(answer.error());
    if (answer->is_object()) fields.update(*answer);
    print_done(session.format, *answer, sentence, fields);
    return 0;
  });
}

void ApiCommand::shows(const std::string& request, const Columns& columns) {
  runs([request, columns](const Session& session, Json fields) -> Result<int> {
    const auto answer = session.api.call(request_of(request, std::move(fields)));
    if (!answer) return tl::make_unexpected(answer.error());
    print_card(session.format, *answer, columns);
    return 0;
  });
}

void ApiCommand::lists(const std::string& path, const std::string& plural, const Columns& columns,
                       std::size_t limit) {
  state_->limit = limit;
  command_.add_option("--limit", state_->limit, "at most so many")
      ->type_name("N")
      ->check(CLI::PositiveNumber.description(""));
  runs([state = state_.get(), path, plural, columns](const Session& session,
                                                     Json fields) -> Result<int> {
    const auto items = session.api.list(request_of("GET " + path, std::move(fields)), state->limit);
    if (!items) return tl::make_unexpected(items.error());
    print_items(session.format, *items, columns, plural);
    return 0;
  });
}

}  // namespace oneping::admin
