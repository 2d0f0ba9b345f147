// Routes: drafts of their changes.
#pragma once

#include "control/reference.h"
#include "control/rules.h"

namespace oneping::control {

// Of an update only tunnel and comment count.
struct RouteInput {
  std::optional<Prefix> prefix;
  std::optional<Reference> tunnel;
  std::optional<Reference> vnet;
  Clearable<std::string> comment;
};

[[nodiscard]] Outcome<Id> create_route(Draft& draft, const RouteInput& input);
[[nodiscard]] Outcome<Id> update_route(Draft& draft, const Reference& which,
                                       const RouteInput& input);
[[nodiscard]] Outcome<Id> delete_route(Draft& draft, const Reference& which);

}  // namespace oneping::control
