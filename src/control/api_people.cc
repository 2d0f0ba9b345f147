// /users and /groups: who policies may name.
#include "control/collection.h"
#include "control/people.h"

namespace oneping::control {

namespace {

template <typename Input>
void add_identity(Fields<Input>& fields) {
  fields.add(answer<Input>("id", schema::integer(), "never used again"));
  fields.add(field<Input>("name", Use::required, &Input::name, "what policies call it"));
  fields.add(field<Input>("comment", Use::optional, &Input::comment, "for people"));
  fields.add(answer<Input>("created", schema::text("date-time"), "when it was made"));
}

Fields<UserInput> user_fields() {
  Fields<UserInput> fields{};
  add_identity(fields);
  fields.add(answer<UserInput>("groups", schema::list_of(schema::text()), "names of his groups"));
  fields.add(answer<UserInput>("devices", schema::integer(), "how many he has"));
  return fields;
}

Json show_user(const User& user, const View& view) {
  Json json = show_plain(user, view.directory);
  json["groups"] = Json::array();
  for (const Id group : view.directory.groups_of(user.id)) {
    json["groups"].push_back(view.directory.groups().find(group)->name);
  }
  json["devices"] = view.directory.devices_of(user.id).size();
  return json;
}

Fields<GroupInput> group_fields() {
  Fields<GroupInput> fields{};
  add_identity(fields);
  fields.add(field<GroupInput>("members", Use::optional, &GroupInput::members,
                               "users: all of them; answered by name"));
  return fields;
}

Json show_group(const Group& group, const View& view) { return show_plain(group, view.directory); }

}  // namespace

void add_user_endpoints(Endpoints& endpoints) {
  endpoints.define("User", answer_schema(user_fields().infos()));
  const Collection<User, UserInput> users{
      .path = "/users",
      .component = "User",
      .one = "a user",
      .many = "users",
      .fields = user_fields(),
      .show = show_user,
      .create = create_user,
      .update = update_user,
      .erase = delete_user,
  };
  add_list(endpoints, users);
  add_create(endpoints, users);
  add_show(endpoints, users);
  add_update(endpoints, users);
  add_delete(endpoints, users);
}

void add_group_endpoints(Endpoints& endpoints) {
  endpoints.define("Group", answer_schema(group_fields().infos()));
  const Collection<Group, GroupInput> groups{
      .path = "/groups",
      .component = "Group",
      .one = "a group",
      .many = "groups",
      .fields = group_fields(),
      .show = show_group,
      .create = create_group,
      .update = update_group,
      .erase = delete_group,
  };
  add_list(endpoints, groups);
  add_create(endpoints, groups);
  add_show(endpoints, groups);
  add_update(endpoints, groups);
  add_delete(endpoints, groups);
  endpoints.add({"PUT", "/groups/{group}/members/{user}", "Puts a user into a group", Access::admin,
                 answers("Group")},
                [groups](const Call& call) {
                  return change_and_show(call, groups, [&](Draft& draft) {
                    return add_member(draft, call.parameter(0), call.parameter(1));
                  });
                });
  endpoints.add({"DELETE", "/groups/{group}/members/{user}", "Takes a user out of a group",
                 Access::admin, deletes()},
                [](const Call& call) {
                  return change_and_delete(call, [&](Draft& draft) {
                    return remove_member(draft, call.parameter(0), call.parameter(1));
                  });
                });
}

}  // namespace oneping::control
