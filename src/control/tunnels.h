// Tunnels and their tokens: drafts of their changes.
#pragma once

#include <chrono>
#include <string>

#include "control/reference.h"
#include "control/rules.h"
#include "quic/peer_certificate.h"

namespace oneping::control {

struct TunnelInput {
  std::optional<std::string> name;
  std::optional<tunnel::PathMode> path;
  Clearable<std::string> comment;
};

[[nodiscard]] Outcome<Id> create_tunnel(Draft& draft, const TunnelInput& input);
[[nodiscard]] Outcome<Id> update_tunnel(Draft& draft, const Reference& which,
                                        const TunnelInput& input);
// Refused while it has routes, unless they are to go with it.
[[nodiscard]] Outcome<Id> delete_tunnel(Draft& draft, const Reference& which, bool with_routes);

// The tunnel's first token, for one that has none. The token goes into `token`, and nowhere else.
[[nodiscard]] Outcome<Id> first_token(Draft& draft, const Reference& which,
                                      const quic::KeyPin& edge_pin, std::string& token);
// Another in its place, which stays good for `grace`; what was in its grace before is good no more.
[[nodiscard]] Outcome<Id> rotate_token(Draft& draft, const Reference& which,
                                       std::chrono::milliseconds grace,
                                       const quic::KeyPin& edge_pin, std::string& token);

}  // namespace oneping::control
