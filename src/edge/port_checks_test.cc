#include "edge/port_checks.h"

#include <gtest/gtest.h>

namespace oneping::edge {
namespace {

TEST(OutcomeOfConnect, ReadsTheWordsOfBothKindsOfConnectors) {
  using enum PortReport::Outcome;
  const std::pair<const char*, PortReport::Outcome> cases[] = {
      {"", open},
      {"Connection refused", refused},
      {"dial tcp 10.1.2.3:443: connect: connection refused", refused},
      {"Connection timed out", silent},
      {"dial tcp 10.1.2.3:443: i/o timeout", silent},
      {"No route to host", unreachable},
      {"dial tcp [fd00::1]:443: connect: network is unreachable", unreachable},
      {"the operator of this connector does not allow that destination", unknown},
      {"too many open files", unknown},
  };
  for (const auto& [words, outcome] : cases) EXPECT_EQ(outcome_of_connect(words), outcome) << words;
}

}  // namespace
}  // namespace oneping::edge
