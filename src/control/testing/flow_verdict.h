// A verdict on a flow, with something in each of its fields.
#pragma once

#include <memory>
#include <vector>

#include "edge/flow_log.h"

namespace oneping::control::testing {

inline edge::FlowVerdict verdict() {
  edge::FlowVerdict verdict;
  verdict.who = std::make_shared<edge::Identity>(
      edge::Identity{.id = 7, .device = "laptop", .user = "alice", .groups = {}, .tags = {}});
  verdict.from = *IpAddress::parse("100.96.0.1");
  verdict.to = *IpAddress::parse("172.16.10.120");
  PolicyRule rule{.name = "no \"quotes\""};
  rule.verdict = Verdict::deny;
  verdict.policies = std::make_shared<PolicyTable>(std::vector{rule}, Verdict::allow);
  verdict.rule = 0;
  verdict.verdict = Verdict::deny;
  verdict.tunnel = std::make_shared<edge::TunnelConfig>(
      edge::TunnelConfig{.name = "office", .id = {}, .account = "a", .secrets = {}});
  return verdict;
}

}  // namespace oneping::control::testing
