// A verdict on a new flow as it is told: in the flow log, and to who listens to /flows.
#pragma once

#include <optional>
#include <string>

#include "base/timestamp.h"
#include "edge/flow_log.h"

namespace oneping::control {

struct FlowRecord {
  Timestamp time;
  std::optional<std::string> device;  // nothing: one that is gone, or was never known
  std::optional<std::string> user;
  bool is_check = false;  // nobody's packet: `why` or a path check in that device's name
  IpAddress from;
  IpAddress to;
  Protocol protocol = Protocol::icmp;
  std::uint16_t port = 0;  // UDP: destination port
  Verdict verdict = Verdict::allow;
  std::string rule;
  std::optional<std::string> tunnel;  // nothing: no route
};

[[nodiscard]] FlowRecord record_of(const edge::FlowVerdict& verdict, Timestamp time);

// A JSON object in one line, with the fields in this order.
[[nodiscard]] std::string to_text(const FlowRecord& record);

}  // namespace oneping::control
