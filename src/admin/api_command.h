// A subcommand that talks to the control API. Its arguments and flags become fields of a JSON
// object, most often under the names that the API has for them; what it does with these fields is
// said once, by the last call. So a file of commands reads as a list of what each takes and asks
// for.
#pragma once

#include <cstddef>
#include <functional>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "admin/api_client.h"
#include "admin/api_request.h"
#include "admin/command.h"
#include "admin/output.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace oneping::admin {

inline constexpr std::size_t kAll = std::numeric_limits<std::size_t>::max();

struct Session {
  ApiClient api;
  Format format;
};

// The text of an argument as the API wants it.
using Parse = std::function<Result<Json>(const std::string& text)>;

class ApiCommand {
 public:
  // `example` is a whole command line. Like the others, --api and -o are there.
  ApiCommand(CLI::App& parent, Action& action, const std::string& name,
             const std::string& description, const std::string& example);

  // A placeholder in capitals says what to write, and lets the shell complete names of that kind.
  ApiCommand& argument(const std::string& placeholder, const std::string& field,
                       const std::string& help);
  ApiCommand& optional_argument(const std::string& placeholder, const std::string& field,
                                const std::string& help);
  // One or more.
  ApiCommand& arguments(const std::string& placeholder, const std::string& field,
                        const std::string& help);
  ApiCommand& option(const std::string& flag, const std::string& field,
                     const std::string& placeholder, const std::string& help,
                     const Parse& parse = nullptr);
  // May be given several times, and is a list.
  ApiCommand& list_option(const std::string& flag, const std::string& field,
                          const std::string& placeholder, const std::string& help,
                          const Parse& parse = nullptr);
  // Sets the field to `value`.
  ApiCommand& flag(const std::string& flag, const std::string& field, const std::string& help,
                   const Json& value = true);
  // At most one of these flags.
  ApiCommand& at_most_one(const std::vector<std::string>& flags);
  ApiCommand& at_least_one(const std::vector<std::string>& flags);
  ApiCommand& exactly_one(const std::vector<std::string>& flags) {
    return at_most_one(flags).at_least_one(flags);
  }
  // `flag` makes sense only with `other`.
  ApiCommand& only_with(const std::string& flag, const std::string& other);
  // What an error of the API means to whoever called: kExitFailed, unless it is said here.
  ApiCommand& fails_with(int exit_code);

  // What it does. `run` returns the exit code.
  using Run = std::function<Result<int>(const Session& session, Json fields)>;
  void runs(Run run);
  // Asks, and says what was done, with the answer's and its own fields in the sentence.
  void asks(const std::string& request, const std::string& sentence);
  void shows(const std::string& request, const Columns& columns);
  // Adds --limit; without it there are `limit` items at most.
  void lists(const std::string& path, const std::string& plural, const Columns& columns,
             std::size_t limit = kAll);

 private:
  struct State;
  void add_common_flags();
  CLI::Option* add(const std::string& name, const std::string& field, const std::string& help,
                   const Parse& parse);
  CLI::Option* add_list(const std::string& name, const std::string& field, const std::string& help,
                        const Parse& parse);

  CLI::App& command_;
  Action& action_;
  std::shared_ptr<State> state_;  // the command line's callbacks and the action keep it
};

// A subcommand with subcommands of its own, as `tunnel` is.
class Noun {
 public:
  Noun(CLI::App& app, Action& action, const std::string& name, const std::string& description);

  [[nodiscard]] ApiCommand command(const std::string& name, const std::string& description,
                                   const std::string& example) const;

 private:
  CLI::App& app_;
  Action& action_;
};

}  // namespace oneping::admin
