#include "io/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>

#include "io/system_error.h"

namespace oneping {

namespace {

using Sets = __user_cap_data_struct[_LINUX_CAPABILITY_U32S_3];

constexpr std::uint32_t kNetworkAdmin = 1u << CAP_NET_ADMIN;

std::optional<__user_cap_data_struct> lower_set() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Sets sets{};
  if (::syscall(SYS_capget, &header, sets) != 0) return std::nullopt;
  return sets[0];
}

bool has_none() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Sets sets{};
  if (::syscall(SYS_capget, &header, sets) != 0) return false;
  return std::all_of(std::begin(sets), std::end(sets), [](const auto& set) {
    return set.effective == 0 && set.permitted == 0 && set.inheritable == 0;
  });
}

// Nothing that is started later, or that runs now, gets any back.
Result<void> close_the_door() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_failure("setting no_new_privs");
  // Kernels without ambient capabilities have none to clear.
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // Takes CAP_SETPCAP: an ordinary user keeps the bounding set, and no_new_privs makes it useless.
  for (unsigned long capability = 0; capability <= 63; ++capability) {
    (void)::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  return {};
}

Result<void> set_capabilities(std::uint32_t lower) {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Sets sets{};
  sets[0].effective = sets[0].permitted = lower;
  if (::syscall(SYS_capset, &header, sets) != 0) return system_failure("dropping capabilities");
  return {};
}

}  // namespace

Result<void> drop_all_capabilities() {
  if (auto closed = close_the_door(); !closed) return closed;
  // A service manager that gave none may well deny the call too.
  if (has_none()) return {};
  return set_capabilities(0);
}

Result<void> keep_network_admin_alone() {
  if (!has_network_admin()) return fail("this takes CAP_NET_ADMIN, which root has");
  if (auto closed = close_the_door(); !closed) return closed;
  return set_capabilities(kNetworkAdmin);
}

bool has_network_admin() {
  const auto set = lower_set();
  return set && (set->effective & kNetworkAdmin) != 0;
}

}  // namespace oneping
