// What every subcommand of the program shares: it adds itself to the command line, leaves behind
// what is to be done, and says by its exit code how that went.
#pragma once

#include <functional>

#include "base/result.h"

namespace oneping {

inline constexpr int kExitFailed = 1;  // while running
inline constexpr int kExitUsage = 2;   // wrong usage or configuration

// What the command line asked for; called after it has been read. 0: done.
using Action = std::function<int()>;

// One line on standard error, and the code.
int fail_with(const Error& error, int exit_code);

}  // namespace oneping
