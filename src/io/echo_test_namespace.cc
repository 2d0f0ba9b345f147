#include "io/echo_test_namespace.h"

#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "io/fd.h"

namespace oneping::testing_support {

namespace {

bool write_file(const char* path, const std::string& text) {
  const Fd fd(open(path, O_WRONLY | O_CLOEXEC));
  return fd && write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool change_loopback(unsigned long request, ifreq change) {
  std::strcpy(change.ifr_name, "lo");
  const Fd fd(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  return ioctl(fd.get(), request, &change) == 0;
}

bool become_root_of_user_namespace() {
  const uid_t user = geteuid();
  const gid_t group = getegid();
  return unshare(CLONE_NEWUSER) == 0 && write_file("/proc/self/setgroups", "deny") &&
         write_file("/proc/self/uid_map", "0 " + std::to_string(user) + " 1") &&
         write_file("/proc/self/gid_map", "0 " + std::to_string(group) + " 1");
}

}  // namespace

bool enter_new_network() {
  static const bool is_root = become_root_of_user_namespace();
  ifreq up{};
  up.ifr_flags = IFF_UP | IFF_RUNNING;
  return is_root && unshare(CLONE_NEWNET) == 0 && change_loopback(SIOCSIFFLAGS, up);
}

bool set_ping_group_range(const std::string& range) {
  return write_file("/proc/sys/net/ipv4/ping_group_range", range);
}

bool set_loopback_mtu(int mtu) {
  ifreq change{};
  change.ifr_mtu = mtu;
  return change_loopback(SIOCSIFMTU, change);
}

}  // namespace oneping::testing_support
