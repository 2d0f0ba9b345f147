// From what the operator said to what the edge's role needs: tunnels get their ids and secrets from
// the state folder.
#pragma once

#include "app/edge_options.h"
#include "base/result.h"
#include "edge/config.h"

namespace oneping {

// A tunnel that has no token yet is there with its routes, but nobody can register for it.
// `config_version`: see edge::EdgeConfig.
[[nodiscard]] Result<edge::EdgeConfig> make_edge_config(const EdgeOptions& options,
                                                        std::int32_t config_version);

// Whether a connector can prove itself for this tunnel.
[[nodiscard]] bool has_token(const edge::TunnelConfig& tunnel);

}  // namespace oneping
