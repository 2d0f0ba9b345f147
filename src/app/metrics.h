// Collects values into Prometheus' metric families, in the order in which they are added.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

#include "base/counters.h"
#include "base/histogram.h"

namespace oneping {

// Which way packets go.
inline constexpr const char* kToNetwork = "to_network";
inline constexpr const char* kToClient = "to_client";

class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  void add_counter(const std::string& name, const std::string& help, double value,
                   const Labels& labels = {});
  void add_gauge(const std::string& name, const std::string& help, double value,
                 const Labels& labels = {});

  // Cumulated, as Prometheus has it.
  void add_histogram(const std::string& name, const std::string& help,
                     const LatencyHistogram::Counts& counts, const Labels& labels = {});

  // oneping_packets_{received,forwarded,answered,dropped}_total, by stage, direction and reason.
  // Received is the sum of the others and of what the stage holds.
  void add_stage(const std::string& stage, const std::string& direction,
                 const StageCounters& counters);
  // The same, and oneping_bytes_{received,forwarded}_total.
  void add_stage(const std::string& stage, const std::string& direction,
                 const TrafficCounters& traffic);

  [[nodiscard]] std::vector<prometheus::MetricFamily> take() { return std::move(families_); }

 private:
  prometheus::ClientMetric& add(const std::string& name, const std::string& help,
                                prometheus::MetricType type, const Labels& labels);
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace oneping
