#include "edge/registration_check.h"

#include "quic/crypto.h"

namespace oneping::edge {

namespace {

// In a time that does not depend on where they differ.
bool equal(const SecretHash& a, const SecretHash& b) {
  std::uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) difference |= static_cast<std::uint8_t>(a[i] ^ b[i]);
  return difference == 0;
}

}  // namespace

Proof proof_of(const tunnel::Registration& registration) {
  return {.tunnel_id = registration.tunnel_id,
          .account = registration.account_tag,
          .secret_sha256 = quic::sha256(registration.tunnel_secret)};
}

bool opens(const Proof& proof, const TunnelConfig& tunnel) {
  bool known = false;
  for (const SecretHash& secret : tunnel.secrets) known |= equal(secret, proof.secret_sha256);
  return known && tunnel.id == proof.tunnel_id && tunnel.account == proof.account;
}

Result<TunnelRef> check_proof(const Proof& proof, const TunnelTable& tunnels) {
  const auto tunnel = tunnels.find_tunnel(proof.tunnel_id);
  if (!tunnel || !opens(proof, *tunnels.tunnels().find(*tunnel)->config)) {
    return fail("the tunnel token is not valid here");
  }
  return *tunnel;
}

}  // namespace oneping::edge
