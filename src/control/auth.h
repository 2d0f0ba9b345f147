// Who asks, and what he may.
#pragma once

#include <string>

#include "control/api.h"
#include "control/directory.h"
#include "control/outcome.h"
#include "control/sign_ins.h"

namespace oneping::control {

struct Caller {
  Role role = Role::read;
  std::string actor;          // for the audit log
  std::optional<Id> token;    // the API token that he came with, or signed in with
  std::optional<Id> session;  // of the dashboard, if he came by its cookie
};

// Whether a page that is not the edge's own asks: nothing is done or told for one, whoever has
// opened it.
[[nodiscard]] Outcome<void> check_origin(const ApiRequest& request);

// By the Unix socket, whose file says who may open it: an admin. By TCP: whoever his token says, in
// the Authorization header, or whoever signed in, by the cookie.
[[nodiscard]] Outcome<Caller> authenticate(const ApiRequest& request, const Directory& directory,
                                           SignIns& sign_ins, Timestamp now);

// A browser sends the cookie with whatever makes it ask. What changes something must therefore come
// from the edge's own page, and be what a form cannot send.
[[nodiscard]] Outcome<void> check_intent(const ApiRequest& request, const Caller& caller);

// The API token with that text.
[[nodiscard]] Outcome<const ApiToken*> find_token(const std::string& text,
                                                  const Directory& directory, Timestamp now);

// Is he still who he was? For answers that last.
[[nodiscard]] bool is_still_good(const Caller& caller, const Directory& directory,
                                 const SignIns& sign_ins, Timestamp now);

}  // namespace oneping::control
