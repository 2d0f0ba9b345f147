// Runs the edge until SIGTERM or SIGINT.
#pragma once

#include <functional>

#include "app/edge_options.h"

namespace oneping {

// `reload` reads the configuration again, for SIGHUP. Returns the program's exit code: 0 when asked
// to stop, 1 when it failed while running, 2 when the configuration cannot be had (port in use).
int run_edge(const EdgeOptions& options, const std::function<Result<EdgeOptions>()>& reload);

}  // namespace oneping
