// Whether a registration proves its tunnel: the right id, account and secret.
#pragma once

#include <array>
#include <string>

#include "base/result.h"
#include "edge/tunnel_table.h"

namespace oneping::edge {

// What a connector presents, without the secret itself, which is not kept.
struct Proof {
  Uuid tunnel_id{};
  std::string account;
  std::array<std::uint8_t, 32> secret_sha256{};
};

[[nodiscard]] Proof proof_of(const tunnel::Registration& registration);

// The tunnel, or why not, in words that the connector's operator may see: they do not tell an
// unknown tunnel from a wrong secret.
[[nodiscard]] Result<RouteTarget> check_proof(const Proof& proof, const TunnelTable& tunnels);

}  // namespace oneping::edge
