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
  metrics.add_stage("edge", edge);
  metrics.add_stage("echo", StageCounters());
  metrics.add_gauge("oneping_flows", "Flows that live.", 7);

  const std::string text = prometheus::TextSerializer().Serialize(metrics.take());
  for (const char* line : {
           "# TYPE oneping_packets_received_total counter\n",
           "\noneping_packets_received_total{stage=\"edge\"} 6\n",
           "\noneping_packets_received_total{stage=\"echo\"} 0\n",
           "\noneping_packets_forwarded_total{stage=\"edge\"} 3\n",
           "\noneping_packets_answered_total{stage=\"edge\",reason=\"no_route\"} 1\n",
           "\noneping_packets_dropped_total{stage=\"edge\",reason=\"no_flow\"} 2\n",
           "\noneping_packets_dropped_total{stage=\"edge\",reason=\"no_route\"} 0\n",
           "# TYPE oneping_flows gauge\noneping_flows 7\n",
       }) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  const std::string type = "# TYPE oneping_packets_received_total";
  EXPECT_EQ(text.find(type), text.rfind(type)) << "a family has one head";
}

}  // namespace
}  // namespace oneping
