// The way of a probe in three parts: device to edge, edge to connector, connector to host. The
// tunnel measures the first two on its own; the third is what remains of a round trip.
#pragma once

#include <algorithm>
#include <optional>

#include "base/time.h"

namespace oneping::probe {

// Round trips of the parts that the tunnel knows, as measured last.
struct Legs {
  std::optional<Duration> device_to_edge;
  std::optional<Duration> edge_to_connector;

  // Nothing while one of the other two is unknown. They were measured at another moment, so that
  // their sum can be more than `round_trip`: then nothing remains for the third.
  [[nodiscard]] std::optional<Duration> connector_to_host(Duration round_trip) const {
    if (!device_to_edge || !edge_to_connector) return std::nullopt;
    return std::max(Duration::zero(), round_trip - *device_to_edge - *edge_to_connector);
  }
};

// Averages over the replies for which all three were known.
class LegAverages {
 public:
  struct Averages {
    Duration device_to_edge, edge_to_connector, connector_to_host;
    friend bool operator==(const Averages&, const Averages&) = default;
  };

  void add(const Legs& legs, Duration round_trip) {
    const auto rest = legs.connector_to_host(round_trip);
    if (!rest) return;
    sum_.device_to_edge += *legs.device_to_edge;
    sum_.edge_to_connector += *legs.edge_to_connector;
    sum_.connector_to_host += *rest;
    ++count_;
  }

  [[nodiscard]] std::optional<Averages> averages() const {
    if (count_ == 0) return std::nullopt;
    return Averages{sum_.device_to_edge / count_, sum_.edge_to_connector / count_,
                    sum_.connector_to_host / count_};
  }

 private:
  Averages sum_{};
  std::int64_t count_ = 0;
};

}  // namespace oneping::probe
