#include "app/files.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/testing/folder.h"

namespace oneping {
namespace {

std::size_t entries(const TestingFolder& folder) {
  return static_cast<std::size_t>(
      std::distance(std::filesystem::directory_iterator(folder.path()), {}));
}

TEST(Files, WrittenIsRead) {
  const TestingFolder folder;
  const std::string text = std::string("a\0b", 3) + std::string(100000, 'x');
  ASSERT_TRUE(write_file(folder / "f", text, 0600, Overwrite::no));
  EXPECT_EQ(*read_file(folder / "f"), text);
  EXPECT_EQ(folder.mode_of("f"), 0600u);
  EXPECT_EQ(entries(folder), 1u) << "no temporary file stays";
}

TEST(Files, OverwriteOnlyWhenAsked) {
  const TestingFolder folder;
  folder.put("f", "old");
  const auto refused = write_file(folder / "f", "new", 0600, Overwrite::no);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "writing " + (folder / "f") + ": File exists");
  EXPECT_EQ(*read_file(folder / "f"), "old");
  ASSERT_TRUE(write_file(folder / "f", "new", 0644, Overwrite::yes));
  EXPECT_EQ(*read_file(folder / "f"), "new");
  EXPECT_EQ(folder.mode_of("f"), 0644u);
  EXPECT_EQ(entries(folder), 1u);
}

TEST(Files, ReadingIsBounded) {
  const TestingFolder folder;
  folder.put("f", "12345");
  EXPECT_TRUE(read_file(folder / "f", 5));
  EXPECT_FALSE(read_file(folder / "f", 4));
  EXPECT_FALSE(read_file("/dev/zero", 1000));
}

TEST(Files, FolderWithItsParents) {
  const TestingFolder folder;
  ASSERT_TRUE(make_folder(folder / "a/b/c", 0700));
  ASSERT_TRUE(make_folder(folder / "a/b/c", 0700));
  EXPECT_EQ(folder.mode_of("a/b/c"), 0700u);
  folder.put("file", "");
  EXPECT_FALSE(make_folder(folder / "file/below", 0700));
}

TEST(Files, FolderWithASlashAtTheEnd) {
  const TestingFolder folder;
  ASSERT_TRUE(make_folder(folder / "a/b//", 0700));
  EXPECT_EQ(folder.mode_of("a/b"), 0700u);
}

TEST(Files, WhatRootMakesBelongsToTheOwnerOfTheFolder) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
  const TestingFolder folder;
  constexpr uid_t kUser = 61234;
  constexpr gid_t kGroup = 61235;
  if (::chown(folder.path().c_str(), kUser, kGroup) != 0) GTEST_SKIP() << "root may not chown here";
  folder.put("replaced", "root's");
  ASSERT_TRUE(make_folder(folder / "state/tunnels", 0700));
  ASSERT_TRUE(write_file(folder / "state/tunnels/f", "text", 0600, Overwrite::no));
  ASSERT_TRUE(write_file(folder / "replaced", "text", 0600, Overwrite::yes));
  for (const char* name : {"state", "state/tunnels", "state/tunnels/f", "replaced"}) {
    struct stat status {};
    ASSERT_EQ(::stat((folder / name).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_uid, kUser) << name;
    EXPECT_EQ(status.st_gid, kGroup) << name;
  }
  EXPECT_EQ(folder.mode_of("state/tunnels"), 0700u);
  EXPECT_EQ(folder.mode_of("state/tunnels/f"), 0600u);
}

}  // namespace
}  // namespace oneping
