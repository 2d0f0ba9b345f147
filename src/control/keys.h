// Enrolment keys: drafts of their changes.
#pragma once

#include <string>
#include <vector>

#include "control/reference.h"
#include "control/rules.h"
#include "quic/peer_certificate.h"

namespace oneping::control {

// Of an update only `expires` counts.
struct KeyInput {
  std::optional<std::string> name;  // nothing: "key-" and its id
  std::optional<bool> reusable;
  Clearable<Timestamp> expires;
  Clearable<Reference> user;
  Clearable<std::vector<std::string>> tags;
};

// The key goes into `text`, and nowhere else.
[[nodiscard]] Outcome<Id> create_key(Draft& draft, const KeyInput& input,
                                     const quic::KeyPin& edge_pin, std::string& text);
[[nodiscard]] Outcome<Id> update_key(Draft& draft, const Reference& which, const KeyInput& input);
[[nodiscard]] Outcome<Id> revoke_key(Draft& draft, const Reference& which);
[[nodiscard]] Outcome<Id> delete_key(Draft& draft, const Reference& which);

// "valid", or why it opens nothing: "revoked", "used", "expired".
[[nodiscard]] const char* state_of(const EnrolmentKey& key, Timestamp now);

}  // namespace oneping::control
