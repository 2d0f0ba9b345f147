#include "app/run_edge.h"

#include "app/commands.h"
#include "app/edge_process.h"

namespace oneping {

int run_edge(const EdgeOptions& options, const std::function<Result<EdgeOptions>()>& reload) {
  auto process = EdgeProcess::start(options, reload);
  if (!process) return fail_with(process.error(), kExitUsage);
  (*process)->run();
  return 0;
}

}  // namespace oneping
