#include "probe/legs.h"

#include <gtest/gtest.h>

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;

TEST(LegsTest, TheThirdIsWhatRemains) {
  EXPECT_EQ((Legs{2ms, 3ms}).of(9ms), (LegTimes{2ms, 3ms, 4ms}));
  EXPECT_EQ((Legs{2ms, 3ms}).of(4ms), (LegTimes{2ms, 3ms, 0ms})) << "measured at another moment";
  EXPECT_EQ((Legs{2ms, std::nullopt}).of(9ms), std::nullopt);
  EXPECT_EQ((Legs{std::nullopt, 3ms}).of(9ms), std::nullopt);
}

TEST(LegsTest, AveragesAreOverTheRepliesWhoseLegsAreKnown) {
  LegAverages averages;
  EXPECT_EQ(averages.averages(), std::nullopt);
  averages.add({}, 100ms);
  averages.add({2ms, 3ms}, 10ms);
  averages.add({4ms, 3ms}, 20ms);
  const auto found = averages.averages();
  ASSERT_TRUE(found);
  EXPECT_EQ(found->device_to_edge, 3ms);
  EXPECT_EQ(found->edge_to_connector, 3ms);
  EXPECT_EQ(found->connector_to_host, 9ms);
}

}  // namespace
}  // namespace oneping::probe
