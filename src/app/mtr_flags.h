// The command line of `oneping mtr`: that of mtr.
#pragma once

#include "app/tool_flags.h"
#include "probe/mtr_options.h"

namespace oneping {

struct MtrFlags {
  ToolFlags tool;
  probe::MtrOptions mtr;  // but for hosts, addresses, time and roles
};

// `flags` must outlive `command`.
void add_mtr_flags(CLI::App& command, MtrFlags& flags);
// What single values do not show.
[[nodiscard]] Result<void> check(const MtrFlags& flags);

}  // namespace oneping
