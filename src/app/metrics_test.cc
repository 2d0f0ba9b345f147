#include "app/metrics.h"

#include <gtest/gtest.h>
#include <prometheus/text_serializer.h>

namespace oneping {
namespace {

TEST(Metrics, StagesShareFamiliesAndAddUp) {
  StageCounters edge;
  for (int i = 0; i < 6; ++i) edge.count_in();
  edge.count_forwarded();
  edge.count_forwarded();
  edge.count_forwarded();
  edge.count_answered(DropReason::no_route);
  edge.count_dropped(DropReason::no_flow);
  edge.count_dropped(DropReason::no_flow);
  Metrics metrics;
  metrics.add_stage("edge", kToNetwork, {edge, 600, 300});
  metrics.add_stage("echo", kToClient, StageCounters());
  metrics.add_gauge("oneping_flows", "Flows that live.", 7);

  const std::string text = prometheus::TextSerializer().Serialize(metrics.take());
  for (const char* line : {
           "# TYPE oneping_packets_received_total counter\n",
           "\noneping_packets_received_total{stage=\"edge\",direction=\"to_network\"} 6\n",
           "\noneping_packets_received_total{stage=\"echo\",direction=\"to_client\"} 0\n",
           "\noneping_packets_forwarded_total{stage=\"edge\",direction=\"to_network\"} 3\n",
           "\noneping_packets_answered_total{stage=\"edge\",direction=\"to_network\",reason=\"no_"
           "route\"} 1\n",
           "\noneping_packets_dropped_total{stage=\"edge\",direction=\"to_network\",reason=\"no_"
           "flow\"} 2\n",
           "\noneping_packets_dropped_total{stage=\"edge\",direction=\"to_network\",reason=\"no_"
           "route\"} 0\n",
           "\noneping_bytes_received_total{stage=\"edge\",direction=\"to_network\"} 600\n",
           "\noneping_bytes_forwarded_total{stage=\"edge\",direction=\"to_network\"} 300\n",
           "# TYPE oneping_flows gauge\noneping_flows 7\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  const std::string type = "# TYPE oneping_packets_received_total";
  EXPECT_EQ(text.find(type), text.rfind(type)) << "a family has one head";
}

TEST(Metrics, HistogramsAreCumulated) {
  LatencyHistogram latencies;
  latencies.record(std::chrono::microseconds(50));
  latencies.record(std::chrono::milliseconds(1));
  latencies.record(std::chrono::seconds(60));
  Metrics metrics;
  metrics.add_histogram("oneping_x_seconds", "How long.", latencies.counts(), {{"a", "b"}});
  const std::string text = prometheus::TextSerializer().Serialize(metrics.take());
  for (const char* line : {
           "# TYPE oneping_x_seconds histogram\n",
           "\noneping_x_seconds_count{a=\"b\"} 3\n",
           "\noneping_x_seconds_bucket{a=\"b\",le=\"0.0001\"} 1\n",
           "\noneping_x_seconds_bucket{a=\"b\",le=\"0.001\"} 2\n",
           "\noneping_x_seconds_bucket{a=\"b\",le=\"5\"} 2\n",
           "\noneping_x_seconds_bucket{a=\"b\",le=\"+Inf\"} 3\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line << text;
  }
}

}  // namespace
}  // namespace oneping
