// Where the edge tells the verdict on each new flow, and each verdict that a change of policies
// turned. Called on the packet path: an implementation must neither block nor allocate, and counts
// what it cannot take.
#pragma once

#include <cstdint>
#include <memory>

#include "edge/identity.h"
#include "edge/snapshot.h"
#include "forward/policy.h"
#include "wire/ip_address.h"

namespace oneping::edge {

struct FlowVerdict {
  std::shared_ptr<const Identity> who;
  bool on_behalf = false;  // it was the edge, which looked into what he would see
  IpAddress from;
  IpAddress to;
  Protocol protocol = Protocol::icmp;
  std::uint16_t port = 0;  // UDP: destination port
  Verdict verdict = Verdict::allow;
  std::uint32_t rule = PolicyDecision::kDefault;  // of `policies`
  std::shared_ptr<const PolicyTable> policies;    // names the rule
  std::shared_ptr<const TunnelConfig> tunnel;     // null: no route
};

class FlowLog {
 public:
  virtual ~FlowLog() = default;
  virtual void on_verdict(FlowVerdict verdict) = 0;
};

}  // namespace oneping::edge
