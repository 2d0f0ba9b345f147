#include "app/edge_config.h"

#include <algorithm>

#include "app/tunnel_secrets.h"
#include "quic/tls.h"

namespace oneping {

namespace {

// Stands for a tunnel that has none yet; no secret has the hash of zeros that goes with it.
Uuid placeholder_id(const std::string& name) {
  const auto digest =
      quic::sha256({reinterpret_cast<const std::uint8_t*>(name.data()), name.size()});
  Uuid id{};
  std::copy_n(digest.begin(), id.size(), id.begin());
  return id;
}

}  // namespace

bool has_token(const edge::TunnelConfig& tunnel) {
  return tunnel.secret_sha256 != decltype(tunnel.secret_sha256){};
}

Result<edge::EdgeConfig> make_edge_config(const EdgeOptions& options, std::int32_t config_version) {
  edge::EdgeConfig config;
  config.location = options.name;
  config.hop_v4 = options.hop_ipv4;
  config.hop_v6 = options.hop_ipv6;
  config.forwarding.unreachables = options.unreachables;
  config.forwarding.error_limits = {.per_receiver = 1.0 * options.icmp_errors_per_second,
                                    .total = 20.0 * options.icmp_errors_per_second};
  config.flow_table_size = options.flow_table_size;
  config.config_version = config_version;
  const TunnelSecrets secrets(options.state);
  for (const EdgeOptions::Tunnel& tunnel : options.tunnels) {
    const auto secret = secrets.load(tunnel.name);
    if (!secret) return fail("tunnel " + tunnel.name, secret.error());
    config.tunnels.push_back(
        {.name = tunnel.name,
         .id = *secret ? (*secret)->id : placeholder_id(tunnel.name),
         .account = *secret ? (*secret)->account : std::string(),
         .secret_sha256 = *secret ? (*secret)->secret_sha256 : std::array<std::uint8_t, 32>{},
         .routes = tunnel.routes});
  }
  return config;
}

}  // namespace oneping
