// The parts of the way as a line of text, the same for all tools.
#pragma once

#include <cinttypes>
#include <string>

#include "probe/format.h"
#include "probe/legs.h"

namespace oneping::probe {

[[nodiscard]] inline std::string legs_text(const LegTimes& legs) {
  const auto milliseconds = [](Duration duration) {
    const auto time = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
    return format("%" PRId64 ".%03" PRId64, std::int64_t{time / 1000}, std::int64_t{time % 1000});
  };
  return "legs device-edge/edge-connector/connector-host = " + milliseconds(legs.device_to_edge) +
         "/" + milliseconds(legs.edge_to_connector) + "/" + milliseconds(legs.connector_to_host) +
         " ms\n";
}

}  // namespace oneping::probe
