// Runs the connector until SIGTERM or SIGINT.
#pragma once

#include "app/connector_options.h"

namespace oneping {

// Exit codes as for run_edge(); 1 also when the edge refuses the token.
int run_connector(const ConnectorOptions& options);

}  // namespace oneping
