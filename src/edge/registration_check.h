// Whether a registration proves its tunnel: the right id, account and one of its secrets.
#pragma once

#include <string>

#include "base/result.h"
#include "edge/snapshot.h"
#include "edge/tunnel_table.h"
#include "tunnel/registration.h"

namespace oneping::edge {

// What a connector presents, without the secret itself, which is not kept.
struct Proof {
  Uuid tunnel_id{};
  std::string account;
  SecretHash secret_sha256{};
};

[[nodiscard]] Proof proof_of(const tunnel::Registration& registration);

// Whether the proof opens this tunnel. How long it takes does not tell how much of it was right.
[[nodiscard]] bool opens(const Proof& proof, const TunnelConfig& tunnel);

// The tunnel, or why not, in words that the connector's operator may see: they do not tell an
// unknown tunnel from a wrong secret.
[[nodiscard]] Result<TunnelRef> check_proof(const Proof& proof, const TunnelTable& tunnels);

}  // namespace oneping::edge
