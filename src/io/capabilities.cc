#include "io/capabilities.h"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <iterator>

#include "io/system_error.h"

namespace oneping {

namespace {

using Sets = __user_cap_data_struct[_LINUX_CAPABILITY_U32S_3];

bool has_none() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  Sets sets{};
  if (::syscall(SYS_capget, &header, sets) != 0) return false;
  return std::all_of(std::begin(sets), std::end(sets), [](const auto& set) {
    return set.effective == 0 && set.permitted == 0 && set.inheritable == 0;
  });
}

}  // namespace

Result<void> drop_all_capabilities() {
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return system_failure("setting no_new_privs");
  // Kernels without ambient capabilities have none to clear.
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  // Takes CAP_SETPCAP: an ordinary user keeps the bounding set, and no_new_privs makes it useless.
  for (unsigned long capability = 0; capability <= 63; ++capability) {
    (void)::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  }
  // A service manager that gave none may well deny the call too.
  if (has_none()) return {};
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const Sets none{};
  if (::syscall(SYS_capset, &header, none) != 0) return system_failure("dropping capabilities");
  return {};
}

}  // namespace oneping
