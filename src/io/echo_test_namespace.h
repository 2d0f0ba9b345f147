// A network for each test: moves the test program into a user namespace, once, and into a new
// network namespace whenever asked. There it has a loopback device and may set sysctls; nobody may
// ping yet. Needs no privilege. All of it ends with the program.
#pragma once

#include <string>

namespace oneping::testing_support {

// False if this system does not let us make namespaces.
[[nodiscard]] bool enter_new_network();

// "first last", as net.ipv4.ping_group_range has it; this process's group is 0.
[[nodiscard]] bool set_ping_group_range(const std::string& range);

[[nodiscard]] bool set_loopback_mtu(int mtu);

}  // namespace oneping::testing_support
