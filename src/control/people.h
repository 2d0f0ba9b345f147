// Users and the groups they are in: drafts of their changes.
#pragma once

#include <vector>

#include "control/reference.h"
#include "control/rules.h"

namespace oneping::control {

struct UserInput {
  std::optional<std::string> name;
  Clearable<std::string> comment;
};

[[nodiscard]] Outcome<Id> create_user(Draft& draft, const UserInput& input);
[[nodiscard]] Outcome<Id> update_user(Draft& draft, const Reference& which, const UserInput& input);
// Takes him out of his groups; refused while anything else names him.
[[nodiscard]] Outcome<Id> delete_user(Draft& draft, const Reference& which);

struct GroupInput {
  std::optional<std::string> name;
  Clearable<std::string> comment;
  Clearable<std::vector<Reference>> members;  // all of them
};

[[nodiscard]] Outcome<Id> create_group(Draft& draft, const GroupInput& input);
[[nodiscard]] Outcome<Id> update_group(Draft& draft, const Reference& which,
                                       const GroupInput& input);
// Refused while a policy names it.
[[nodiscard]] Outcome<Id> delete_group(Draft& draft, const Reference& which);

// Nothing happens if he is in it already.
[[nodiscard]] Outcome<Id> add_member(Draft& draft, const Reference& group, const Reference& user);
[[nodiscard]] Outcome<Id> remove_member(Draft& draft, const Reference& group,
                                        const Reference& user);

// The policies that name a user, group or device, in words.
[[nodiscard]] std::vector<std::string> policies_that_name(SubjectKind kind, Id id,
                                                          const Directory& directory);

}  // namespace oneping::control
