#include "admin/api_command.h"
#include "admin/commands.h"

namespace oneping::admin {

void add_user_commands(CLI::App& app, Action& action) {
  const Columns columns = {in_words("Name", "name"), in_words("Groups", "groups"),
                           as_number("Devices", "devices"), as_time("Created", "created"),
                           in_words("Comment", "comment")};
  const Noun user(app, action, "user", "Users, to whom devices belong");

  user.command("create", "Make a user", "oneping user create alice@example.net")
      .argument("NAME", "name", "what to call them")
      .option("--comment", "comment", "TEXT", "who they are")
      .asks("POST /users", "Made user {name}.");

  user.command("list", "List users", "oneping user list").lists("/users", "users", columns);

  user.command("info", "Show a user", "oneping user info alice@example.net")
      .argument("USER", "user", "the user")
      .shows("GET /users/{user}", columns);

  user.command("delete", "Delete a user whom nothing names",
               "oneping user delete alice@example.net")
      .argument("USER", "user", "the user")
      .asks("DELETE /users/{user}", "Deleted user {user}.");
}

}  // namespace oneping::admin
