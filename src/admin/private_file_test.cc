#include "admin/private_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>

#include "admin/testing/scratch_folder.h"

namespace oneping::admin {
namespace {

class PrivateFileTest : public testing::Test {
 protected:
  ScratchFolder folder;
  std::string path = folder / "token";
};

TEST_F(PrivateFileTest, HoldsWhatWasWrittenForItsOwnerOnly) {
  const mode_t before = ::umask(0);
  auto file = PrivateFile::open(path, Existing::refuse);
  ::umask(before);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE(file->write("secret "));
  ASSERT_TRUE(file->write("words\n"));
  ASSERT_TRUE(file->keep());
  EXPECT_EQ(folder.text_of("token"), "secret words\n");
  EXPECT_EQ(folder.mode_of("token"), 0600u);
  EXPECT_EQ(folder.files(), 1u);
}

TEST_F(PrivateFileTest, IsGoneIfItIsNotKept) {
  {
    auto file = PrivateFile::open(path, Existing::refuse);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
  }
  EXPECT_EQ(folder.files(), 0u);
}

TEST_F(PrivateFileTest, RefusesWhatIsThere) {
  folder.put("token", "old");
  const auto file = PrivateFile::open(path, Existing::refuse);
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("is there already"), std::string::npos);
  EXPECT_EQ(folder.text_of("token"), "old");
}

TEST_F(PrivateFileTest, ReplacesOnlyWhenItIsKept) {
  folder.put("token", "old");
  {
    auto file = PrivateFile::open(path, Existing::replace);
    ASSERT_TRUE(file);
    ASSERT_TRUE(file->write("half"));
  }
  EXPECT_EQ(folder.text_of("token"), "old");
  auto file = PrivateFile::open(path, Existing::replace);
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->write("new"));
  EXPECT_EQ(folder.text_of("token"), "old");
  ASSERT_TRUE(file->keep());
  EXPECT_EQ(folder.text_of("token"), "new");
  EXPECT_EQ(folder.mode_of("token"), 0600u);
  EXPECT_EQ(folder.files(), 1u);
}

TEST_F(PrivateFileTest, DoesNotFollowALinkThatSomebodyLeft) {
  std::filesystem::create_symlink(folder / "elsewhere", path);
  EXPECT_FALSE(PrivateFile::open(path, Existing::refuse));
  EXPECT_FALSE(std::filesystem::exists(folder / "elsewhere"));
}

TEST_F(PrivateFileTest, SaysWhereItCannotWrite) {
  const auto file = PrivateFile::open(folder / "none/token", Existing::refuse);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().message, "writing " + folder / "none/token: No such file or directory");
}

}  // namespace
}  // namespace oneping::admin
