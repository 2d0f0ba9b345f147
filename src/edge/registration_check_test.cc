#include "edge/registration_check.h"

#include <gtest/gtest.h>

namespace oneping::edge {
namespace {

tunnel::Registration registration(std::uint8_t tunnel, const char* account, std::uint8_t secret) {
  tunnel::Registration registration;
  registration.tunnel_id = {tunnel};
  registration.account_tag = account;
  registration.tunnel_secret.assign(32, secret);
  return registration;
}

SecretHash hash(std::uint8_t secret) { return proof_of(registration(0, "", secret)).secret_sha256; }

TEST(RegistrationCheck, AnyOfTheTunnelsSecretsOpensItAndNothingElse) {
  Routing routing;
  for (const auto& secrets :
       {std::vector<SecretHash>{hash(1)}, std::vector<SecretHash>{hash(2), hash(3)}, {}}) {
    const auto number = static_cast<std::uint8_t>(routing.tunnels.size());
    routing.tunnels.push_back(std::make_shared<TunnelConfig>(
        TunnelConfig{.name = "t", .id = {number}, .account = "oneping", .secrets = secrets}));
  }
  TunnelTable tunnels;
  tunnels.configure(routing);
  struct Case {
    const char* name;
    tunnel::Registration registration;
    bool opens;
  };
  const Case cases[] = {
      {"the only secret", registration(0, "oneping", 1), true},
      {"the first of two", registration(1, "oneping", 2), true},
      {"the second of two", registration(1, "oneping", 3), true},
      {"a wrong secret", registration(0, "oneping", 9), false},
      {"another tunnel's secret", registration(0, "oneping", 2), false},
      {"another account", registration(0, "other", 1), false},
      {"an unknown tunnel", registration(7, "oneping", 1), false},
      {"a tunnel without secrets", registration(2, "oneping", 1), false},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    const auto tunnel = check_proof(proof_of(c.registration), tunnels);
    EXPECT_EQ(tunnel.has_value(), c.opens);
    if (tunnel) {
      EXPECT_EQ(*tunnel, *tunnels.find_tunnel(c.registration.tunnel_id));
    } else {
      EXPECT_EQ(tunnel.error().message, "the tunnel token is not valid here");
    }
  }
}

}  // namespace
}  // namespace oneping::edge
