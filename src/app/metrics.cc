#include "app/metrics.h"

#include <algorithm>
#include <limits>

namespace oneping {

void Metrics::add_counter(const std::string& name, const std::string& help, double value,
                          const Labels& labels) {
  add(name, help, prometheus::MetricType::Counter, labels).counter.value = value;
}

void Metrics::add_gauge(const std::string& name, const std::string& help, double value,
                        const Labels& labels) {
  add(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
}

void Metrics::add_histogram(const std::string& name, const std::string& help,
                            const LatencyHistogram::Counts& counts, const Labels& labels) {
  auto& histogram = add(name, help, prometheus::MetricType::Histogram, labels).histogram;
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < counts.buckets.size(); ++i) {
    sum += counts.buckets[i];
    const double bound = i < LatencyHistogram::kBounds.size()
                             ? LatencyHistogram::kBounds[i]
                             : std::numeric_limits<double>::infinity();
    histogram.bucket.push_back({sum, bound});
  }
  histogram.sample_count = sum;
  histogram.sample_sum = counts.sum;
}

void Metrics::add_stage(const std::string& stage, const std::string& direction,
                        const TrafficCounters& traffic) {
  const Labels labels = {{"stage", stage}, {"direction", direction}};
  add_stage(stage, direction, traffic.packets);
  add_counter("oneping_bytes_received_total", "Bytes of IP packets that came into a stage.",
              static_cast<double>(traffic.bytes_received), labels);
  add_counter("oneping_bytes_forwarded_total", "Bytes of IP packets that a stage sent on.",
              static_cast<double>(traffic.bytes_forwarded), labels);
}

void Metrics::add_stage(const std::string& stage, const std::string& direction,
                        const StageCounters& counters) {
  const Labels labels = {{"stage", stage}, {"direction", direction}};
  add_counter("oneping_packets_received_total", "Packets that came into a stage.",
              static_cast<double>(counters.in()), labels);
  add_counter("oneping_packets_forwarded_total", "Packets that a stage sent on.",
              static_cast<double>(counters.forwarded()), labels);
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto reason = static_cast<DropReason>(i);
    Labels with_reason = labels;
    with_reason.emplace_back("reason", to_string(reason));
    add_counter("oneping_packets_answered_total",
                "Packets that were not sent on and whose sender got an ICMP error.",
                static_cast<double>(counters.answered(reason)), with_reason);
    add_counter("oneping_packets_dropped_total",
                "Packets that were not sent on and whose sender got nothing.",
                static_cast<double>(counters.dropped(reason)), with_reason);
  }
}

prometheus::ClientMetric& Metrics::add(const std::string& name, const std::string& help,
                                       prometheus::MetricType type, const Labels& labels) {
  auto family = std::find_if(families_.begin(), families_.end(),
                             [&](const auto& known) { return known.name == name; });
  if (family == families_.end()) {
    families_.push_back({name, help, type, {}});
    family = families_.end() - 1;
  }
  auto& metric = family->metric.emplace_back();
  for (const auto& [label, value] : labels) metric.label.push_back({label, value});
  return metric;
}

}  // namespace oneping
