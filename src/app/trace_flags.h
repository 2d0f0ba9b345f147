// The command line of `oneping trace`: that of traceroute.
#pragma once

#include "app/tool_flags.h"
#include "probe/trace_options.h"

namespace oneping {

struct TraceFlags {
  ToolFlags tool;
  probe::TraceOptions trace;  // but for host, addresses and roles
};

// `flags` must outlive `command`.
void add_trace_flags(CLI::App& command, TraceFlags& flags);
// What single values do not show.
[[nodiscard]] Result<void> check(const TraceFlags& flags);

}  // namespace oneping
