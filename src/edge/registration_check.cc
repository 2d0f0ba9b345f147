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

Result<RouteTarget> check_registration(const tunnel::Registration& registration,
                                       const TunnelTable& tunnels) {
  const auto presented = quic::sha256(registration.tunnel_secret);
  const auto target = tunnels.find_tunnel(registration.tunnel_id);
  if (!target || tunnels.tunnel(*target).removed ||
      tunnels.tunnel(*target).config.account != registration.account_tag ||
      !equal(tunnels.tunnel(*target).config.secret_sha256, presented)) {
    return fail("the tunnel token is not valid here");
  }
  return *target;
}

}  // namespace oneping::edge
