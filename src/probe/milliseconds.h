// Durations in JSON: milliseconds as numbers, in whole microseconds.
#pragma once

#include <chrono>
#include <nlohmann/json.hpp>

#include "base/time.h"
#include "probe/legs.h"

namespace oneping::probe {

[[nodiscard]] inline double milliseconds(Duration duration) {
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<double>(time) / 1000.0;
}

[[nodiscard]] inline nlohmann::ordered_json legs_json(const LegTimes& legs) {
  return {{"device_to_edge", milliseconds(legs.device_to_edge)},
          {"edge_to_connector", milliseconds(legs.edge_to_connector)},
          {"connector_to_host", milliseconds(legs.connector_to_host)}};
}

}  // namespace oneping::probe
