#include "app/metrics.h"

#include <algorithm>

namespace oneping {

void Metrics::add_counter(const std::string& name, const std::string& help, double value,
                          const Labels& labels) {
  add(name, help, prometheus::MetricType::Counter, labels).counter.value = value;
}

void Metrics::add_gauge(const std::string& name, const std::string& help, double value,
                        const Labels& labels) {
  add(name, help, prometheus::MetricType::Gauge, labels).gauge.value = value;
}

void Metrics::add_stage(const std::string& stage, const StageCounters& counters) {
  add_counter("oneping_packets_received_total", "Packets that came into a stage.",
              static_cast<double>(counters.in()), {{"stage", stage}});
  add_counter("oneping_packets_forwarded_total", "Packets that a stage sent on.",
              static_cast<double>(counters.forwarded()), {{"stage", stage}});
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto reason = static_cast<DropReason>(i);
    const Labels labels = {{"stage", stage}, {"reason", std::string(to_string(reason))}};
    add_counter("oneping_packets_answered_total",
                "Packets that were not sent on and whose sender got an ICMP error.",
                static_cast<double>(counters.answered(reason)), labels);
    add_counter("oneping_packets_dropped_total",
                "Packets that were not sent on and whose sender got nothing.",
                static_cast<double>(counters.dropped(reason)), labels);
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
