#include "app/service_notify.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cstring>

#include "app/testing/folder.h"
#include "io/fd.h"

namespace oneping {
namespace {

struct Manager {
  explicit Manager(const std::string& path) : fd(::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.data(), path.size());
    if (path[0] == '@') address.sun_path[0] = '\0';
    const auto size = socklen_t(offsetof(sockaddr_un, sun_path) + path.size());
    EXPECT_EQ(::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), size), 0);
    ::setenv("NOTIFY_SOCKET", path.c_str(), 1);
  }
  ~Manager() { ::unsetenv("NOTIFY_SOCKET"); }
  std::string heard() {
    char text[200];
    const ssize_t size = ::recv(fd.get(), text, sizeof text, MSG_DONTWAIT);
    return size < 0 ? "" : std::string(text, std::size_t(size));
  }
  Fd fd;
};

TEST(ServiceNotify, TellsTheManagerByPathAndByAbstractName) {
  const TestingFolder folder;
  for (const std::string& path : {folder / "notify", "@oneping-test-" + std::to_string(getpid())}) {
    Manager manager(path);
    notify_ready();
    EXPECT_EQ(manager.heard(), "READY=1");
    notify_reloading();
    const std::string expected = "RELOADING=1\nMONOTONIC_USEC=";
    const std::string reloading = manager.heard();
    EXPECT_EQ(reloading.substr(0, expected.size()), expected);
    EXPECT_GT(std::stoll(reloading.substr(expected.size())), 0);
    notify_stopping();
    EXPECT_EQ(manager.heard(), "STOPPING=1");
  }
  notify_ready();  // nobody asked: nothing happens
}

}  // namespace
}  // namespace oneping
