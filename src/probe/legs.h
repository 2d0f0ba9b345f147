// The way of a probe in three parts: device to edge, edge to connector, connector to host. The
// tunnel measures the first two on its own; the third is what remains of a round trip.
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.h"

namespace oneping::probe {

// The three of one round trip, or averages over several.
struct LegTimes {
  Duration device_to_edge, edge_to_connector, connector_to_host;
  friend bool operator==(const LegTimes&, const LegTimes&) = default;
};

// Round trips of the parts that the tunnel knows, as measured last.
struct Legs {
  std::optional<Duration> device_to_edge;
  std::optional<Duration> edge_to_connector;

  // Nothing while one of the two is unknown. They were measured at another moment, so that their
  // sum can be more than `round_trip`: then nothing remains for the third.
  [[nodiscard]] std::optional<LegTimes> of(Duration round_trip) const {
    if (!device_to_edge || !edge_to_connector) return std::nullopt;
    const Duration rest = round_trip - *device_to_edge - *edge_to_connector;
    return LegTimes{*device_to_edge, *edge_to_connector, std::max(Duration::zero(), rest)};
  }
};

// Averages over the replies for which all three were known.
class LegAverages {
 public:
  void add(const Legs& legs, Duration round_trip) {
    const auto times = legs.of(round_trip);
    if (!times) return;
    sum_.device_to_edge += times->device_to_edge;
    sum_.edge_to_connector += times->edge_to_connector;
    sum_.connector_to_host += times->connector_to_host;
    ++count_;
  }

  [[nodiscard]] std::optional<LegTimes> averages() const {
    if (count_ == 0) return std::nullopt;
    return LegTimes{sum_.device_to_edge / count_, sum_.edge_to_connector / count_,
                    sum_.connector_to_host / count_};
  }

 private:
  LegTimes sum_{};
  std::int64_t count_ = 0;
};

}  // namespace oneping::probe
