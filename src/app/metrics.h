// Collects values into Prometheus' metric families, in the order in which they are added.
#pragma once

#include <prometheus/metric_family.h>

#include <string>
#include <utility>
#include <vector>

#include "base/counters.h"

namespace oneping {

class Metrics {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;

  void add_counter(const std::string& name, const std::string& help, double value,
                   const Labels& labels = {});
  void add_gauge(const std::string& name, const std::string& help, double value,
                 const Labels& labels = {});

  // oneping_packets_{received,forwarded,answered,dropped}_total, by stage and reason. Received is
  // the sum of the others and of what the stage holds.
  void add_stage(const std::string& stage, const StageCounters& counters);

  [[nodiscard]] std::vector<prometheus::MetricFamily> take() { return std::move(families_); }

 private:
  prometheus::ClientMetric& add(const std::string& name, const std::string& help,
                                prometheus::MetricType type, const Labels& labels);
  std::vector<prometheus::MetricFamily> families_;
};

}  // namespace oneping
