// How much of the path behind a tunnel's connectors its users see.
#pragma once

#include <cstdint>
#include <string_view>

namespace oneping::tunnel {

enum class PathMode : std::uint8_t {
  full,        // every router, every error, as they are
  single_hop,  // from the connector to the destination it is one hop; errors from behind stay there
};

[[nodiscard]] constexpr std::string_view to_string(PathMode mode) {
  return mode == PathMode::full ? "full" : "single-hop";
}

}  // namespace oneping::tunnel
