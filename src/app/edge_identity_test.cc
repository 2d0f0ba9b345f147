#include "app/edge_identity.h"

#include <gtest/gtest.h>

#include <fstream>

#include "app/files.h"
#include "app/testing/folder.h"

namespace oneping {
namespace {

namespace fs = std::filesystem;

const std::vector<std::string> kFiles = {"ca.pem", "ca-key.pem", "edge.pem", "edge-key.pem",
                                         "static-secret"};

class EdgeIdentityTest : public ::testing::Test {
 protected:
  Result<EdgeIdentity> load() { return load_or_make_identity(state(), {"edge.example"}, random); }
  std::string state() const { return folder / "state"; }

  TestingFolder folder;
  SeededRandom random{1};
};

TEST_F(EdgeIdentityTest, MadeOnceLoadedEver) {
  const auto first = load();
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(quic::key_pin(*read_file(state() + "/ca.pem")), first->ca_pin);
  const auto second = load();
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->certificate_pem, first->certificate_pem);
  EXPECT_EQ(second->key_pem, first->key_pem);
  EXPECT_EQ(second->ca_pin, first->ca_pin);
  EXPECT_EQ(second->static_secret, first->static_secret);
  EXPECT_NE(first->static_secret, (std::array<std::uint8_t, 32>{}));

  EXPECT_EQ(std::distance(fs::directory_iterator(state()), {}), 5) << "no temporary files";
  for (const char* secret : {"ca-key.pem", "edge-key.pem", "static-secret"}) {
    EXPECT_EQ(folder.mode_of(std::string("state/") + secret), 0600u) << secret;
  }
  EXPECT_EQ(folder.mode_of("state"), 0700u);
}

TEST_F(EdgeIdentityTest, CrashBetweenTheRenamesIsFinished) {
  const auto first = load();
  ASSERT_TRUE(first);
  for (std::size_t done = 1; done < kFiles.size(); ++done) {
    for (std::size_t i = done; i < kFiles.size(); ++i) {
      fs::rename(state() + "/" + kFiles[i], state() + "/" + kFiles[i] + ".new");
    }
    const auto again = load();
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->ca_pin, first->ca_pin);
    EXPECT_EQ(again->key_pem, first->key_pem);
  }
}

TEST_F(EdgeIdentityTest, CrashBeforeTheRenamesStartsAnew) {
  ASSERT_TRUE(make_folder(state(), 0700));
  folder.put("state/ca.pem.new", "half");
  EXPECT_TRUE(load());
}

TEST_F(EdgeIdentityTest, MissingOrDamagedFileIsNamedAndNothingIsTouched) {
  ASSERT_TRUE(load());
  for (const auto& name : kFiles) {
    const std::string path = state() + "/" + name;
    const std::string good = *read_file(path);
    folder.put("state/" + name, "damaged");
    const auto damaged = load();
    ASSERT_FALSE(damaged) << name;
    EXPECT_NE(damaged.error().message.find(name), std::string::npos) << damaged.error().message;
    EXPECT_EQ(*read_file(path), "damaged");

    fs::remove(path);
    const auto missing = load();
    ASSERT_FALSE(missing) << name;
    EXPECT_NE(missing.error().message.find(path + " is missing"), std::string::npos)
        << missing.error().message;
    EXPECT_FALSE(file_exists(path));
    folder.put("state/" + name, good);
  }
  EXPECT_TRUE(load());
}

}  // namespace
}  // namespace oneping
