#include "io/testing/network_namespace.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>

#include "io/fd.h"
#include "io/netlink.h"

namespace oneping {

namespace {

constexpr int kFailed = 1;
constexpr int kNotAllowed = 77;

bool write_file(const char* path, const std::string& text) {
  const Fd fd(::open(path, O_WRONLY | O_CLOEXEC));
  return fd && ::write(fd.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

bool enter_namespace() {
  const std::string uid = std::to_string(::getuid());
  const std::string gid = std::to_string(::getgid());
  if (::unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0) return false;
  (void)write_file("/proc/self/setgroups", "deny");
  return write_file("/proc/self/uid_map", "0 " + uid + " 1") &&
         write_file("/proc/self/gid_map", "0 " + gid + " 1") && ::access("/dev/net/tun", R_OK) == 0;
}

[[noreturn]] void run_child(const std::function<void()>& body) {
  if (!enter_namespace()) ::_exit(kNotAllowed);
  ::alarm(30);
  auto netlink = Netlink::open();
  EXPECT_TRUE(netlink && netlink->set_up("lo", 65536));
  body();
  ::fflush(stdout);
  ::_exit(::testing::Test::HasFailure() ? kFailed : 0);
}

}  // namespace

void run_in_network_namespace(const std::function<void()>& body) {
  ::fflush(stdout);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) run_child(body);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  if (WIFEXITED(status) && WEXITSTATUS(status) == kNotAllowed) {
    GTEST_SKIP() << "no user and network namespaces, or no /dev/net/tun, for this user";
  }
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "in the namespace, see above";
}

}  // namespace oneping
