// One line of the flow log: a JSON object and a newline.
#pragma once

#include <string>

#include "control/timestamp.h"
#include "edge/flow_log.h"

namespace oneping {

[[nodiscard]] std::string flow_log_line(const edge::FlowVerdict& verdict, control::Timestamp time);

}  // namespace oneping
