// How a store gets from version to version.
#include <gtest/gtest.h>

#include "control/sqlite_file.h"
#include "control/testing/store_folder.h"

namespace oneping::control {
namespace {

constexpr const char* kFirst = R"(
  CREATE TABLE owners (id INTEGER PRIMARY KEY, name TEXT) STRICT;
  CREATE TABLE things (id INTEGER PRIMARY KEY, owner INTEGER REFERENCES owners) STRICT;
  INSERT INTO owners VALUES (1, 'one');
  INSERT INTO things VALUES (1, 1), (2, 1);)";
constexpr const char* kSecond = "ALTER TABLE owners ADD COLUMN note TEXT NOT NULL DEFAULT 'none'";
// A table is built anew under the eyes of those who refer to it.
constexpr const char* kThird = R"(
  CREATE TABLE new_owners (id INTEGER PRIMARY KEY, label TEXT) STRICT;
  INSERT INTO new_owners SELECT id, name || ', ' || note FROM owners;
  DROP TABLE owners;
  ALTER TABLE new_owners RENAME TO owners;)";

class MigrationTest : public ::testing::Test {
 protected:
  using Steps = std::vector<const char*>;

  [[nodiscard]] std::string open(const Steps& steps) const {
    const auto database = open_store_file(folder_.store(), steps);
    return database ? "" : database.error().message;
  }
  // Of the file, by whatever program.
  [[nodiscard]] std::int64_t ask(const std::string& sql) const {
    auto database = SqliteDatabase::open(folder_.store());
    EXPECT_TRUE(database);
    const auto value = database->integer(sql);
    EXPECT_TRUE(value) << value.error().message;
    return value.value_or(-1);
  }

  StoreFolder folder_;
};

TEST_F(MigrationTest, StepByStepOrAllAtOnce) {
  const std::string kept = "SELECT count(*) FROM owners WHERE label = 'one, none'";
  EXPECT_EQ(open({kFirst}), "");
  EXPECT_EQ(ask("PRAGMA user_version"), 1);
  EXPECT_EQ(open({kFirst, kSecond, kThird}), "");
  EXPECT_EQ(ask("PRAGMA user_version"), 3);
  EXPECT_EQ(ask(kept), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM things"), 2);
  EXPECT_EQ(open({kFirst, kSecond, kThird}), "") << "and nothing again";
  EXPECT_EQ(ask(kept), 1);

  std::filesystem::remove(folder_.store());
  EXPECT_EQ(open({kFirst, kSecond, kThird}), "");
  EXPECT_EQ(ask("PRAGMA user_version"), 3);
  EXPECT_EQ(ask(kept), 1);
}

TEST_F(MigrationTest, ReferencesAreEnforcedAfterwards) {
  auto database = open_store_file(folder_.store(), Steps{kFirst, kSecond, kThird});
  ASSERT_TRUE(database);
  EXPECT_FALSE(database->run("DELETE FROM owners"));
}

TEST_F(MigrationTest, AStepThatFailsHasNotHappened) {
  ASSERT_EQ(open({kFirst}), "");
  const char* bad = "DELETE FROM things; CREATE TABLE half (x); SELECT x FROM nowhere";
  const auto said = open({kFirst, kSecond, bad});
  EXPECT_NE(said.find("making version 3: no such table: nowhere"), said.npos) << said;
  EXPECT_EQ(ask("PRAGMA user_version"), 2) << "the step before it stays";
  EXPECT_EQ(ask("SELECT count(*) FROM things"), 2);
  EXPECT_EQ(ask("SELECT count(*) FROM sqlite_schema WHERE name = 'half'"), 0);
  EXPECT_EQ(open({kFirst, kSecond, kThird}), "") << "a better one goes on";
}

TEST_F(MigrationTest, AStepThatLosesWhatIsReferredToHasNotHappened) {
  ASSERT_EQ(open({kFirst}), "");
  const auto said = open({kFirst, "DELETE FROM owners"});
  EXPECT_NE(said.find("refers to something in owners"), said.npos) << said;
  EXPECT_EQ(ask("PRAGMA user_version"), 1);
  EXPECT_EQ(ask("SELECT count(*) FROM owners"), 1);
}

TEST_F(MigrationTest, AFirstStepThatFailsLeavesNoFile) {
  EXPECT_NE(open({"nonsense"}), "");
  EXPECT_TRUE(folder_.files().empty());
}

TEST_F(MigrationTest, AnOlderProgramLeavesItAlone) {
  ASSERT_EQ(open({kFirst, kSecond}), "");
  const auto before = folder_.files();
  const auto said = open({kFirst});
  EXPECT_NE(said.find("its version is 2, and this program knows 1"), said.npos) << said;
  EXPECT_TRUE(folder_.files() == before);
}

TEST_F(MigrationTest, TheSchemaIsText) {
  ASSERT_EQ(store_schema().size(), 2u);
  EXPECT_EQ(std::string(store_schema()[0]).find("-- Version 1 of"), 0u);
  EXPECT_EQ(std::string(store_schema()[1]).find("-- Version 2: "), 0u);
}

TEST_F(MigrationTest, TunnelsOfVersionOneShowTheirWholePath) {
  ASSERT_EQ(open({store_schema()[0]}), "");
  {
    auto database = SqliteDatabase::open(folder_.store());
    ASSERT_TRUE(database);
    ASSERT_TRUE(database->execute(
        "INSERT INTO tunnels VALUES (2, 'old', zeroblob(16), 'a', NULL, NULL, 0, '', 0, NULL);"
        "UPDATE meta SET last_id = 2"));
  }
  const auto store = open_or_fail(folder_.store());
  ASSERT_TRUE(store);
  const Contents contents = load_or_fail(*store);
  ASSERT_EQ(contents.tunnels.size(), 1u);
  EXPECT_EQ(contents.tunnels[0].name, "old");
  EXPECT_EQ(contents.tunnels[0].path, tunnel::PathMode::full);
}

}  // namespace
}  // namespace oneping::control
