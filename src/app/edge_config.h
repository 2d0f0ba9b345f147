// From what the operator said to what the edge's role needs.
#pragma once

#include "app/edge_options.h"
#include "edge/config.h"

namespace oneping {

// `config_version`: see edge::EdgeConfig.
[[nodiscard]] edge::EdgeConfig make_edge_config(const EdgeOptions& options,
                                                std::int32_t config_version);

}  // namespace oneping
