#include "app/token_file.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "app/testing/folder.h"

namespace oneping {
namespace {

TEST(TokenFile, NameInErrorsAndWarningAboutReaders) {
  tunnel::TunnelToken token;
  token.account = "acc";
  token.secret.assign(32, 0x5e);
  const std::string text = make_token(token);
  const TestingFolder folder;
  const std::string path = folder.put("token", text + "\n");
  std::filesystem::permissions(path, std::filesystem::perms(0600));
  EXPECT_FALSE(read_token_file(path)->readable_by_others);
  std::filesystem::permissions(path, std::filesystem::perms(0640));
  EXPECT_TRUE(read_token_file(path)->readable_by_others);

  folder.put("bad", "x");
  EXPECT_EQ(read_token_file(folder / "bad").error().message.find("token file " + (folder / "bad")),
            0u);
  EXPECT_EQ(read_token_file(folder / "absent").error().message,
            "reading " + (folder / "absent") + ": No such file or directory");
}

}  // namespace
}  // namespace oneping
