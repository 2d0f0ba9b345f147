#include "app/socket_file.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cstring>
#include <fstream>

#include "app/testing/folder.h"
#include "io/fd.h"

namespace oneping {
namespace {

Fd bound_socket(const std::string& path) {
  sockaddr_un name{};
  name.sun_family = AF_UNIX;
  std::memcpy(name.sun_path, path.data(), path.size());
  Fd fd(::socket(AF_UNIX, SOCK_STREAM, 0));
  EXPECT_EQ(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
  return fd;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

TEST(SocketFile, AFreePlaceStaysFreeAndItsFolderIsMade) {
  const TestingFolder folder;
  ASSERT_TRUE(clear_socket_file(folder / "run/oneping/s"));
  EXPECT_TRUE(exists(folder / "run/oneping"));
  EXPECT_FALSE(exists(folder / "run/oneping/s"));
}

TEST(SocketFile, OneThatADeadProcessLeftIsRemoved) {
  const TestingFolder folder;
  const std::string path = folder / "s";
  { const Fd dead = bound_socket(path); }
  ASSERT_TRUE(exists(path));
  ASSERT_TRUE(clear_socket_file(path));
  EXPECT_FALSE(exists(path));
}

TEST(SocketFile, OneThatSomebodyListensOnStays) {
  const TestingFolder folder;
  const std::string path = folder / "s";
  const Fd alive = bound_socket(path);
  ASSERT_EQ(::listen(alive.get(), 1), 0);
  const auto cleared = clear_socket_file(path);
  ASSERT_FALSE(cleared);
  EXPECT_EQ(cleared.error().message,
            "another process listens at " + path + ": stop it, or choose another socket");
  EXPECT_TRUE(exists(path));
}

TEST(SocketFile, AnythingElseStays) {
  const TestingFolder folder;
  const std::string path = folder.put("file", "text");
  const auto cleared = clear_socket_file(path);
  ASSERT_FALSE(cleared);
  EXPECT_EQ(cleared.error().message, path + " is there and is no socket: remove it");
  EXPECT_TRUE(exists(path));
}

TEST(SocketFile, ALongPathIsRefused) {
  const auto cleared = clear_socket_file("/" + std::string(120, 'x'));
  ASSERT_FALSE(cleared);
  EXPECT_NE(cleared.error().message.find("too long for a Unix socket"), std::string::npos);
}

TEST(SocketFile, AnUnknownGroupIsNamed) {
  const TestingFolder folder;
  const auto opened = open_socket_file(folder.put("s", ""), "no-such-group-here");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().message, "there is no group 'no-such-group-here'");
}

TEST(SocketFile, PrivateUmaskLastsAsLongAsItLives) {
  const TestingFolder folder;
  const mode_t before = ::umask(022);
  {
    const PrivateUmask closed;
    std::ofstream(folder / "closed") << "x";
  }
  std::ofstream(folder / "open") << "x";
  ::umask(before);
  EXPECT_EQ(folder.mode_of("closed"), 0600u);
  EXPECT_EQ(folder.mode_of("open"), 0644u);
}

}  // namespace
}  // namespace oneping
