// The `tunnels` of the edge's file: names and routes, none of them twice.
#pragma once

#include <vector>

#include "app/edge_options.h"
#include "app/yaml_file.h"

namespace oneping {

[[nodiscard]] Result<std::vector<EdgeOptions::Tunnel>> read_tunnels(const YamlFile& file,
                                                                    const YAML::Node& node);

}  // namespace oneping
