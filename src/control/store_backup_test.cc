// Copies of a store that is in use.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "control/sqlite_database.h"
#include "control/testing/store_folder.h"

namespace oneping::control {
namespace {

class BackupTest : public ::testing::Test {
 protected:
  BackupTest() : store_(open_or_fail(folder_.store())) {
    EXPECT_EQ(failure(store_->commit(changes_of(something_of_everything()), entry())), "");
  }

  StoreFolder folder_;
  std::unique_ptr<Store> store_;
};

TEST_F(BackupTest, IsAStoreWithTheSameContents) {
  const auto path = folder_ / "backup.db";
  ASSERT_EQ(failure(store_->backup(path)), "");
  struct stat status;
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
  EXPECT_EQ(status.st_nlink, 1u) << "no second name is left";
  {
    auto database = SqliteDatabase::open(path);
    ASSERT_TRUE(database);
    auto checked = database->statement("PRAGMA integrity_check");
    ASSERT_TRUE(checked.next_row());
    EXPECT_EQ(checked.text(), "ok");
  }
  const auto copy = open_or_fail(path);
  EXPECT_TRUE(load_or_fail(*copy) == something_of_everything());
  EXPECT_EQ(*copy->audit({}), *store_->audit({}));
  EXPECT_EQ(failure(copy->commit(std::vector<Change>{User{99, "carol", "", at(1)}}, entry())), "")
      << "and lives on";
}

TEST_F(BackupTest, HoldsWhatWasCommittedBeforeAndNothingThatCameAfter) {
  Contents expected = something_of_everything();
  for (Id id = 100; id < 110; ++id) {
    const auto path = folder_ / ("backup-" + std::to_string(id));
    ASSERT_EQ(failure(store_->backup(path)), "");
    const User user{id, "user" + std::to_string(id), "", at(1)};
    ASSERT_EQ(failure(store_->commit(std::vector<Change>{user}, entry())), "");
    EXPECT_TRUE(load_or_fail(*open_or_fail(path)) == expected) << id;
    expected.users.push_back(user);
    expected.last_id = id;
  }
}

TEST_F(BackupTest, NeverOverwrites) {
  const auto path = folder_ / "precious";
  StoreFolder::put(path, "do not touch");
  const auto files = folder_.files();
  EXPECT_NE(failure(store_->backup(path)).find("File exists"), std::string::npos);
  EXPECT_NE(failure(store_->backup(folder_.store())).find("File exists"), std::string::npos);
  EXPECT_TRUE(folder_.files() == files) << "and leaves nothing else";
}

TEST_F(BackupTest, AFolderThatIsNotThereIsAnError) {
  const auto said = failure(store_->backup(folder_ / "nowhere/backup.db"));
  EXPECT_NE(said.find("No such file or directory"), said.npos) << said;
  EXPECT_EQ(failure(store_->commit({}, entry())), "") << "the store goes on";
}

}  // namespace
}  // namespace oneping::control
