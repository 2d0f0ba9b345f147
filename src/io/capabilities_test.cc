#include "io/capabilities.h"

#include <gtest/gtest.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <functional>

namespace oneping {
namespace {

// What is given up stays given up: each test has a process of its own.
void run_in_child(const std::function<void()>& body) {
  ::fflush(stdout);
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    body();
    ::fflush(stdout);
    ::_exit(::testing::Test::HasFailure() ? 1 : 0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "in the child, see above";
}

// As a service unit's SystemCallFilter=~@privileged does. Takes no_new_privs.
void deny_capset() {
  sock_filter program[] = {
      {BPF_LD | BPF_W | BPF_ABS, 0, 0, offsetof(seccomp_data, nr)},
      {BPF_JMP | BPF_JEQ | BPF_K, 0, 1, SYS_capset},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ERRNO | EPERM},
      {BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW},
  };
  const sock_fprog filter{std::size(program), program};
  ASSERT_EQ(::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
  ASSERT_EQ(::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter), 0);
}

void expect_none() {
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
  ASSERT_EQ(::syscall(SYS_capget, &header, sets), 0);
  for (const auto& set : sets) EXPECT_EQ(set.effective | set.permitted | set.inheritable, 0u);
  EXPECT_EQ(::prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0), 1);
}

TEST(Capabilities, AllGoAndDroppingThemTwiceIsFine) {
  run_in_child([] {
    EXPECT_TRUE(drop_all_capabilities());
    expect_none();
    EXPECT_TRUE(drop_all_capabilities());
    expect_none();
  });
}

TEST(Capabilities, OneStaysForTheProcessThatNeedsIt) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes capabilities that could be kept";
  run_in_child([] {
    EXPECT_TRUE(keep_network_admin_alone());
    EXPECT_TRUE(has_network_admin());
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3]{};
    ASSERT_EQ(::syscall(SYS_capget, &header, sets), 0);
    for (const auto set : {sets[0].effective, sets[0].permitted}) {
      EXPECT_EQ(set, 1u << CAP_NET_ADMIN);
    }
    EXPECT_EQ(sets[0].inheritable | sets[1].effective | sets[1].permitted, 0u);
    EXPECT_EQ(::prctl(PR_CAPBSET_READ, CAP_SYS_ADMIN, 0, 0, 0), 0);
    EXPECT_TRUE(drop_all_capabilities());
    EXPECT_FALSE(has_network_admin());
    EXPECT_FALSE(keep_network_admin_alone()) << "it is not there to be kept";
    expect_none();
  });
}

TEST(Capabilities, NoneLeftToDropNeedsNoPermissionToDropThem) {
  run_in_child([] {
    ASSERT_TRUE(drop_all_capabilities());
    deny_capset();
    const auto dropped = drop_all_capabilities();
    EXPECT_TRUE(dropped) << dropped.error().message;
    expect_none();
  });
}

TEST(Capabilities, KeepingSomeIsAnError) {
  if (::geteuid() != 0) GTEST_SKIP() << "takes capabilities that could be kept";
  run_in_child([] {
    deny_capset();
    const auto dropped = drop_all_capabilities();
    ASSERT_FALSE(dropped);
    EXPECT_EQ(dropped.error().message, "dropping capabilities: Operation not permitted");
  });
}

}  // namespace
}  // namespace oneping
