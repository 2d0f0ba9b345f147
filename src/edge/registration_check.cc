#include "edge/registration_check.h"

#include "quic/tls.h"

namespace oneping::edge {

namespace {

// In a time that does not depend on where they differ.
bool equal(const std::array<std::uint8_t, 32>& a, const std::array<std::uint8_t, 32>& b) {
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

Result<RouteTarget> check_proof(const Proof& proof, const TunnelTable& tunnels) {
  const auto target = tunnels.find_tunnel(proof.tunnel_id);
  if (!target || tunnels.tunnel(*target).removed ||
      tunnels.tunnel(*target).config.account != proof.account ||
      !equal(tunnels.tunnel(*target).config.secret_sha256, proof.secret_sha256)) {
    return fail("the tunnel token is not valid here");
  }
  return *target;
}

}  // namespace oneping::edge
