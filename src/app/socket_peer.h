// Who is at the other end of a Unix socket, for the audit log.
#pragma once

#include <string>

namespace oneping {

// "uid 1000 (alice)"; "pid 4711" when the process is gone already.
[[nodiscard]] std::string owner_of_process(int pid);

}  // namespace oneping
