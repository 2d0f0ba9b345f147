// Sets up the program's log: lines to standard error, as text or as JSON objects. Control
// characters in messages, which may quote a peer, never reach the terminal or break a line.
#pragma once

#include "app/log_options.h"

namespace oneping {

// Call it once, before other threads start.
void set_up_logging(const LogOptions& options);

}  // namespace oneping
