#include "control/people.h"

#include <algorithm>

namespace oneping::control {

namespace {

Outcome<void> fill(User& user, const UserInput& input, const Draft& draft) {
  if (input.name) user.name = *input.name;
  if (input.comment) user.comment = input.comment->value_or("");
  if (auto good = check_name(draft.directory.users(), user); !good) return good;
  return check_comment(user.comment);
}

Outcome<std::vector<Id>> members_of(const std::vector<Reference>& users,
                                    const Directory& directory) {
  std::vector<Id> members;
  for (const Reference& reference : users) {
    const auto user = named<User>(directory, "members", reference);
    if (!user) return refusal_of(user);
    members.push_back((*user)->id);
  }
  std::sort(members.begin(), members.end());
  members.erase(std::unique(members.begin(), members.end()), members.end());
  return members;
}

Outcome<void> fill(Group& group, const GroupInput& input, const Draft& draft) {
  if (input.name) group.name = *input.name;
  if (input.comment) group.comment = input.comment->value_or("");
  if (input.members) {
    auto members = members_of(input.members->value_or(std::vector<Reference>()), draft.directory);
    if (!members) return refusal_of(members);
    group.members = std::move(*members);
  }
  if (auto good = check_name(draft.directory.groups(), group); !good) return good;
  return check_comment(group.comment);
}

std::vector<std::string> users_of(const User& user, const Directory& directory) {
  std::vector<std::string> users = policies_that_name(SubjectKind::user, user.id, directory);
  for (const Id device : directory.devices_of(user.id)) {
    users.push_back(in_words(*directory.devices().find(device)));
  }
  for (const auto& [id, key] : directory.enrolment_keys().all()) {
    if (key.user == user.id) users.push_back(in_words(key));
  }
  return users;
}

void remove(std::vector<Id>& members, Id user) {
  members.erase(std::remove(members.begin(), members.end(), user), members.end());
}

}  // namespace

Outcome<Id> create_user(Draft& draft, const UserInput& input) {
  if (auto room = check_room<User>(draft.directory.users().size()); !room) return refusal_of(room);
  User user;
  user.id = draft.new_id();
  user.created = draft.now;
  if (auto good = fill(user, input, draft); !good) return refusal_of(good);
  draft.create(user);
  return user.id;
}

Outcome<Id> update_user(Draft& draft, const Reference& which, const UserInput& input) {
  const auto before = subject<User>(draft.directory, which);
  if (!before) return refusal_of(before);
  User user = **before;
  if (auto good = fill(user, input, draft); !good) return refusal_of(good);
  draft.update(**before, user);
  return user.id;
}

Outcome<Id> delete_user(Draft& draft, const Reference& which) {
  const auto user = subject<User>(draft.directory, which);
  if (!user) return refusal_of(user);
  if (auto unused = check_unused(in_words(**user), users_of(**user, draft.directory)); !unused) {
    return refusal_of(unused);
  }
  for (const Id id : draft.directory.groups_of((*user)->id)) {
    Group group = *draft.directory.groups().find(id);
    remove(group.members, (*user)->id);
    draft.put(group);
  }
  draft.erase(**user);
  return (*user)->id;
}

Outcome<Id> create_group(Draft& draft, const GroupInput& input) {
  if (auto room = check_room<Group>(draft.directory.groups().size()); !room) {
    return refusal_of(room);
  }
  Group group;
  group.id = draft.new_id();
  group.created = draft.now;
  if (auto good = fill(group, input, draft); !good) return refusal_of(good);
  draft.create(group);
  return group.id;
}

Outcome<Id> update_group(Draft& draft, const Reference& which, const GroupInput& input) {
  const auto before = subject<Group>(draft.directory, which);
  if (!before) return refusal_of(before);
  Group group = **before;
  if (auto good = fill(group, input, draft); !good) return refusal_of(good);
  draft.update(**before, group);
  return group.id;
}

Outcome<Id> delete_group(Draft& draft, const Reference& which) {
  const auto group = subject<Group>(draft.directory, which);
  if (!group) return refusal_of(group);
  const auto users = policies_that_name(SubjectKind::group, (*group)->id, draft.directory);
  if (auto unused = check_unused(in_words(**group), users); !unused) return refusal_of(unused);
  draft.erase(**group);
  return (*group)->id;
}

Outcome<Id> add_member(Draft& draft, const Reference& which, const Reference& who) {
  const auto before = subject<Group>(draft.directory, which);
  if (!before) return refusal_of(before);
  const auto user = subject<User>(draft.directory, who);
  if (!user) return refusal_of(user);
  Group group = **before;
  const auto place = std::lower_bound(group.members.begin(), group.members.end(), (*user)->id);
  if (place != group.members.end() && *place == (*user)->id) return group.id;
  if (group.members.size() >= kMaxInList) {
    return conflict(in_words(group) + " has 1000 members already, which is the most");
  }
  group.members.insert(place, (*user)->id);
  draft.put(group);
  draft.tell("group.add", group.name, {{"user", (*user)->name}});
  return group.id;
}

Outcome<Id> remove_member(Draft& draft, const Reference& which, const Reference& who) {
  const auto before = subject<Group>(draft.directory, which);
  if (!before) return refusal_of(before);
  const auto user = subject<User>(draft.directory, who);
  if (!user) return refusal_of(user);
  Group group = **before;
  remove(group.members, (*user)->id);
  if (group.members.size() == (*before)->members.size()) {
    return not_found(in_words(**user) + " is not in " + in_words(group));
  }
  draft.put(group);
  draft.tell("group.remove", group.name, {{"user", (*user)->name}});
  return group.id;
}

std::vector<std::string> policies_that_name(SubjectKind kind, Id id, const Directory& directory) {
  std::vector<std::string> names;
  for (const Id place : directory.policy_order()) {
    const Policy& policy = *directory.policies().find(place);
    const bool names_it =
        std::any_of(policy.who.begin(), policy.who.end(),
                    [&](const PolicyWho& who) { return who.kind == kind && who.id == id; });
    if (names_it) names.push_back(in_words(policy));
  }
  return names;
}

}  // namespace oneping::control
