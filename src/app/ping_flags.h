// The command line of `oneping ping`: that of iputils ping.
#pragma once

#include "app/tool_flags.h"
#include "probe/ping_options.h"

namespace oneping {

struct PingFlags {
  ToolFlags tool;
  probe::PingOptions ping;  // but for host and addresses
};

// `flags` must outlive `command`.
void add_ping_flags(CLI::App& command, PingFlags& flags);

}  // namespace oneping
