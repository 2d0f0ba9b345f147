// For tests that change interfaces: runs a test's body in a child process with a network namespace
// of its own, which vanishes with it.
#pragma once

#include <functional>

namespace oneping {

// Expectations that fail in `body` fail the test; the test is skipped where the system allows no
// namespaces or no TUN device. Loopback is up inside.
void run_in_network_namespace(const std::function<void()>& body);

}  // namespace oneping
