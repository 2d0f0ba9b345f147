#include "app/tunnel_secrets.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/files.h"
#include "app/testing_folder.h"

namespace oneping {
namespace {

class TunnelSecretsTest : public ::testing::Test {
 protected:
  TestingFolder folder;
  TunnelSecrets secrets{folder / "state"};
  SeededRandom random{1};
};

TEST_F(TunnelSecretsTest, StoredIsLoadedAndOnlyTheHashIsKept) {
  EXPECT_EQ(*secrets.load("office"), std::nullopt);
  const auto token = secrets.make("office", random);
  ASSERT_TRUE(token);
  EXPECT_EQ(token->secret.size(), 32u);
  EXPECT_EQ(*secrets.load("office"), std::nullopt) << "making stores nothing";
  ASSERT_TRUE(make_folder(folder / "state", 0700));
  ASSERT_TRUE(secrets.store("office", *token));

  const auto secret = secrets.load("office");
  ASSERT_TRUE(secret && *secret);
  EXPECT_EQ((*secret)->id, token->tunnel_id);
  EXPECT_EQ((*secret)->account, token->account);
  EXPECT_EQ((*secret)->secret_sha256, quic::sha256(token->secret));
  EXPECT_EQ(folder.mode_of("state/tunnels/office.json"), 0600u);
  EXPECT_EQ(folder.mode_of("state/tunnels"), 0700u);
}

TEST_F(TunnelSecretsTest, RotationKeepsTheIdAndChangesTheSecret) {
  const auto first = secrets.make("office", random);
  ASSERT_TRUE(secrets.store("office", *first));
  const auto second = secrets.make("office", random);
  ASSERT_TRUE(second);
  EXPECT_EQ(second->tunnel_id, first->tunnel_id);
  EXPECT_NE(second->secret, first->secret);
  ASSERT_TRUE(secrets.store("office", *second));
  EXPECT_EQ((*secrets.load("office"))->secret_sha256, quic::sha256(second->secret));
  EXPECT_NE(secrets.make("other", random)->tunnel_id, first->tunnel_id);
}

TEST_F(TunnelSecretsTest, DamagedFileIsAnErrorAndStays) {
  ASSERT_TRUE(make_folder(folder / "state/tunnels", 0700));
  for (const char* damaged :
       {"", "{", "[]", "{}", R"({"id":"x","secret_sha256":"00","account":"a"})",
        R"({"id":"6ba7b810-9dad-41d1-80b4-00c04fd430c8","secret_sha256":7,"account":"a"})"}) {
    folder.put("state/tunnels/office.json", damaged);
    const auto secret = secrets.load("office");
    ASSERT_FALSE(secret) << damaged;
    EXPECT_NE(secret.error().message.find("office.json is damaged"), std::string::npos);
    EXPECT_FALSE(secrets.make("office", random));
    EXPECT_EQ(*read_file(folder / "state/tunnels/office.json"), damaged);
  }
}

TEST(TunnelName, IsSafeAsAFileName) {
  for (const char* name : {"a", "Office-2_b.c", "0"}) EXPECT_TRUE(is_tunnel_name(name)) << name;
  EXPECT_TRUE(is_tunnel_name(std::string(64, 'a')));
  for (const char* name : {"", ".", "..", ".a", "a/b", "a b", "\xc3\xa4", "a\n"}) {
    EXPECT_FALSE(is_tunnel_name(name)) << name;
  }
  EXPECT_FALSE(is_tunnel_name(std::string(65, 'a')));
}

}  // namespace
}  // namespace oneping
