#include "admin/api_command.h"
#include "admin/commands.h"

namespace oneping::admin {

namespace {

// The API changes one member at a time.
Result<int> change_members(const Session& session, Json fields, const std::string& method,
                           const std::string& sentence) {
  const Json users = take(fields, "users");
  for (const auto& user : users) {
    fields["user"] = user;
    const auto answer = session.api.call(
        {method, request_of(method + " /groups/{group}/members/{user}", fields).path, {}, {}});
    if (!answer) return tl::make_unexpected(answer.error());
    if (session.format == Format::table) print_line(filled(sentence, fields));
  }
  if (session.format == Format::table) return 0;
  const auto group =
      session.api.call(request_of("GET /groups/{group}", {{"group", fields["group"]}}));
  if (!group) return tl::make_unexpected(group.error());
  print_json(*group);
  return 0;
}

}  // namespace

void add_group_commands(CLI::App& app, Action& action) {
  const Columns columns = {in_words("Name", "name"), in_words("Members", "members"),
                           as_time("Created", "created"), in_words("Comment", "comment")};
  const Noun group(app, action, "group", "Groups of users");

  group.command("create", "Make a group", "oneping group create ops --comment 'On call'")
      .argument("NAME", "name", "what to call it")
      .option("--comment", "comment", "TEXT", "who is in it")
      .asks("POST /groups", "Made group {name}.");

  group.command("list", "List groups", "oneping group list").lists("/groups", "groups", columns);

  group.command("info", "Show a group", "oneping group info ops")
      .argument("GROUP", "group", "the group")
      .shows("GET /groups/{group}", columns);

  group.command("add", "Put users into a group", "oneping group add ops alice@example.net bob")
      .argument("GROUP", "group", "the group")
      .arguments("USER", "users", "the users")
      .runs([](const Session& session, Json fields) {
        return change_members(session, std::move(fields), "PUT", "{user} is in group {group}.");
      });

  group.command("remove", "Take users out of a group", "oneping group remove ops bob")
      .argument("GROUP", "group", "the group")
      .arguments("USER", "users", "the users")
      .runs([](const Session& session, Json fields) {
        return change_members(session, std::move(fields), "DELETE",
                              "{user} is no longer in group {group}.");
      });

  group.command("delete", "Delete a group that no policy names", "oneping group delete ops")
      .argument("GROUP", "group", "the group")
      .asks("DELETE /groups/{group}", "Deleted group {group}.");
}

}  // namespace oneping::admin
