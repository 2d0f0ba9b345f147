#include "app/run_connector.h"

#include "app/commands.h"
#include "app/connector_process.h"

namespace oneping {

int run_connector(const ConnectorOptions& options) {
  auto process = ConnectorProcess::start(options);
  if (!process) return fail_with(process.error(), kExitUsage);
  if (auto done = (*process)->run(); !done) return fail_with(done.error(), kExitFailed);
  return 0;
}

}  // namespace oneping
