// Gives up root's powers for good, all or all but one, once sockets and devices are open.
#pragma once

#include "base/result.h"

namespace oneping {

// Empties every capability set of the calling thread, and sets no_new_privs, so that neither this
// thread nor what it starts gets any back. Threads that exist already keep theirs: call it before
// making any.
[[nodiscard]] Result<void> drop_all_capabilities();

// The same, but CAP_NET_ADMIN stays, for a process that does nothing else. An error if it is not
// there.
[[nodiscard]] Result<void> keep_network_admin_alone();

[[nodiscard]] bool has_network_admin();

}  // namespace oneping
