// The store's file: how it is made, who may have it, and what is refused and left as it was.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <functional>

#include "control/sqlite_database.h"
#include "control/sqlite_file.h"
#include "control/testing/store_folder.h"

namespace oneping::control {
namespace {

bool says(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos && text.find('\n') == text.npos;
}

// A folder with a store that has something in it.
class StoreFileTest : public ::testing::Test {
 protected:
  StoreFileTest() {
    auto store = open_or_fail(folder_.store());
    EXPECT_EQ(failure(store->commit(changes_of(something_of_everything()), entry())), "");
  }

  // Refused with this complaint, and not a byte of any file is different.
  void expect_refused(const std::string& complaint) {
    const auto before = folder_.files();
    const std::string said = complaint_about(folder_.store());
    EXPECT_TRUE(says(said, complaint)) << "said: " << said << "\nwanted: " << complaint;
    EXPECT_TRUE(says(said, folder_.store())) << "names the file: " << said;
    EXPECT_TRUE(folder_.files() == before) << complaint << ": a file was touched";
  }

  [[nodiscard]] std::string bytes() const { return StoreFolder::bytes_of(folder_.store()); }
  void put(const std::string& bytes) { StoreFolder::put(folder_.store(), bytes); }
  void edit(const std::string& sql) {
    auto database = SqliteDatabase::open(folder_.store());
    ASSERT_TRUE(database);
    ASSERT_EQ(failure(database->execute(sql)), "");
  }

  StoreFolder folder_;
};

// Runs in a process of its own, which says that all went well by killing itself, before it closes
// anything.
void die() { ::raise(SIGKILL); }
void in_own_process(const std::function<void()>& act) {
  const pid_t child = ::fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    act();
    ::_exit(1);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status)) << "it did not come that far";
}

TEST_F(StoreFileTest, OneFileForItsOwner) {
  const auto files = folder_.files();
  EXPECT_EQ(files.size(), 1u) << "closed, it has no log";
  struct stat status;
  ASSERT_EQ(::stat(folder_.store().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600u);
}

TEST(StoreFile, IsMadeForItsOwnerWhateverTheUmask) {
  StoreFolder folder;
  const mode_t usual = ::umask(0277);
  auto store = open_sqlite_store(folder.store());
  ::umask(usual);
  ASSERT_TRUE(store) << store.error().message;
  EXPECT_EQ(failure((*store)->commit({}, entry())), "");
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    struct stat status;
    ASSERT_EQ(::stat(file.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 07777, 0600u) << file.path();
  }
}

TEST(StoreFile, ItsFolderMustBeThere) {
  StoreFolder folder;
  EXPECT_TRUE(says(complaint_about(folder / "nowhere/store.db"), "nowhere/store.db"));
  EXPECT_TRUE(says(complaint_about(folder / "nowhere/store.db"), "No such file or directory"));
}

TEST(StoreFile, AStrangePathIsAPath) {
  StoreFolder folder;
  const auto here = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const std::string path : {":memory:", "file:x?mode=memory", "a b%20'", "-"}) {
    auto store = open_sqlite_store(path);
    ASSERT_TRUE(store) << path << ": " << store.error().message;
    EXPECT_TRUE(std::filesystem::exists(folder / path)) << path;
    EXPECT_EQ(failure((*store)->backup("file:" + path)), "");
    EXPECT_TRUE(std::filesystem::exists(folder / ("file:" + path))) << path;
  }
  std::filesystem::current_path(here);
}

TEST_F(StoreFileTest, AStoreRestoredFromABackupIsOne) {
  EXPECT_EQ(failure(open_or_fail(folder_.store())->backup(folder_ / "backup.db")), "");
  std::filesystem::rename(folder_ / "backup.db", folder_.store());
  EXPECT_TRUE(load_or_fail(*open_or_fail(folder_.store())) == something_of_everything());
}

TEST_F(StoreFileTest, AnotherProcessThatUsesItIsLeftAlone) {
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t owner = ::fork();
  if (owner == 0) {
    const auto store = open_sqlite_store(folder_.store());
    const bool written = store && (*store)->commit({}, entry());
    (void)!::write(ready[1], written ? "y" : "n", 1);
    ::pause();
  }
  char answer = 0;
  ASSERT_EQ(::read(ready[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  expect_refused("another process uses it");
  ::kill(owner, SIGKILL);
  ::waitpid(owner, nullptr, 0);
  ::close(ready[0]);
  ::close(ready[1]);
  EXPECT_EQ(complaint_about(folder_.store()), "") << "free again";
}

// Those who begin at the same time make one store between them, and take turns.
TEST(StoreFile, IsMadeOnce) {
  StoreFolder folder;
  std::vector<pid_t> children;
  for (Id id = 2; id < 10; ++id) {
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child != 0) {
      children.push_back(child);
      continue;
    }
    auto store = open_sqlite_store(folder.store());
    while (!store && says(store.error().message, "another process uses it")) {
      ::usleep(static_cast<unsigned>(id) * 100'000);  // or they stay in each other's way
      store = open_sqlite_store(folder.store());
    }
    const User user{id, "user" + std::to_string(id), "", at(1)};
    const bool kept = store && (*store)->commit(std::vector<Change>{user}, entry());
    if (store) store->reset();
    ::_exit(kept ? 0 : 1);
  }
  for (const pid_t child : children) {
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  EXPECT_EQ(load_or_fail(*open_or_fail(folder.store())).users.size(), children.size());
  EXPECT_EQ(folder.files().size(), 1u);
}

TEST_F(StoreFileTest, HasOneOwnerInAProcessToo) {
  const auto owner = open_or_fail(folder_.store());
  EXPECT_EQ(failure(owner->commit({}, entry())), "");
  expect_refused("another process uses it");
  EXPECT_EQ(failure(owner->commit({}, entry())), "");
  // The attempt has not ended the owner's lock.
  in_own_process([&] {
    if (says(complaint_about(folder_.store()), "another process uses it")) die();
  });
}

TEST_F(StoreFileTest, NotAStore) {
  const std::string store = bytes();
  put("");
  expect_refused("damaged: it is shorter");
  put(store.substr(0, 99));
  expect_refused("damaged: it is shorter");
  put("some text\n" + std::string(200, 'x'));
  expect_refused("is not a store of oneping");
  put(std::string(100'000, '\0'));
  expect_refused("is not a store of oneping");
  put(store);
  edit("PRAGMA application_id = 7");
  expect_refused("is not a store of oneping");
}

TEST_F(StoreFileTest, ADatabaseOfSomethingElse) {
  std::filesystem::remove(folder_.store());
  put("");  // which SQLite takes for a new database
  edit("CREATE TABLE t (x); INSERT INTO t VALUES (1); PRAGMA journal_mode = WAL");
  expect_refused("is not a store of oneping");
}

TEST_F(StoreFileTest, AFolderInItsPlace) {
  std::filesystem::remove(folder_.store());
  std::filesystem::create_directory(folder_.store());
  const std::string said = complaint_about(folder_.store());
  EXPECT_TRUE(says(said, "is no file")) << said;
  EXPECT_TRUE(std::filesystem::is_empty(folder_.store()));
}

TEST_F(StoreFileTest, OfANewerVersion) {
  edit("PRAGMA user_version = 1000");
  expect_refused("written by a newer oneping: its version is 1000");
}

// The newer program was killed before its log was written back.
TEST_F(StoreFileTest, OfANewerVersionInTheLog) {
  in_own_process([&] {
    auto database = SqliteDatabase::open(folder_.store());
    (void)database->execute("PRAGMA locking_mode = EXCLUSIVE; PRAGMA user_version = 1000");
    die();
  });
  ASSERT_EQ(folder_.files().size(), 2u);
  ASSERT_GT(folder_.files()["store.db-wal"].size(), 0u);
  expect_refused("written by a newer oneping: its version is 1000");
}

TEST_F(StoreFileTest, OfNoVersion) {
  edit("PRAGMA user_version = 0");
  expect_refused("is damaged: version 0");
  edit("PRAGMA user_version = -3");
  expect_refused("is damaged: version -3");
}

TEST_F(StoreFileTest, Truncated) {
  const std::string store = bytes();
  for (const std::size_t size : {std::size_t{100}, std::size_t{512}, std::size_t{4096},
                                 std::size_t{8192}, store.size() / 2, store.size() - 4096}) {
    put(store.substr(0, size));
    expect_refused("is damaged");
    EXPECT_FALSE(HasFailure()) << size;
  }
}

TEST_F(StoreFileTest, OverwrittenInTheMiddle) {
  std::string store = bytes();
  store.replace(3 * 4096, 4096, std::string(4096, '\x5a'));
  put(store);
  expect_refused("is damaged");
}

// A name stands in its table and in an index; where they differ, nothing is unique any more.
TEST_F(StoreFileTest, WithAnIndexThatDoesNotAgree) {
  const std::string store = bytes();
  const std::string name = "bob@example.com";
  int places = 0;
  for (auto at = store.find(name); at != store.npos; at = store.find(name, at + 1)) {
    std::string damaged = store;
    damaged[at] = 'r';
    put(damaged);
    expect_refused("is damaged");
    ++places;
  }
  EXPECT_EQ(places, 2);
}

TEST_F(StoreFileTest, WithOtherTables) {
  edit("ALTER TABLE audit RENAME COLUMN actor TO somebody");
  expect_refused("is damaged: its tables are not those of a store");
}

TEST_F(StoreFileTest, WhatOthersAddDoesNotMatter) {
  edit("CREATE TABLE notes (x); CREATE VIEW names AS SELECT name FROM tunnels; ANALYZE");
  EXPECT_EQ(complaint_about(folder_.store()), "");
}

// The owner was killed: his log stays, whatever is wrong with the file.
TEST_F(StoreFileTest, DamagedWithALog) {
  in_own_process([&] {
    const auto store = open_sqlite_store(folder_.store());
    if ((*store)->commit(std::vector<Change>{User{99, "carol", "", at(1)}}, entry())) die();
  });
  ASSERT_EQ(folder_.files().size(), 2u);
  const std::string store = bytes();
  put(store.substr(0, 8192));
  expect_refused("is damaged");
  put("no database" + store.substr(11));
  expect_refused("is not a store of oneping");
  put(store);
  EXPECT_EQ(load_or_fail(*open_or_fail(folder_.store())).users.back().name, "carol");
}

TEST_F(StoreFileTest, ThatMayNotBeReadOrWritten) {
  struct Case {
    mode_t mode;
    std::string complaint;
  };
  for (const auto& c : {Case{0000, "Permission denied"}, Case{0444, "cannot be written"}}) {
    ASSERT_EQ(::chmod(folder_.store().c_str(), c.mode), 0);
    ASSERT_EQ(::chmod(folder_.path().c_str(), 0777), 0);
    const auto before = folder_.files();
    // Root may everything, so that it has to be somebody else.
    in_own_process([&] {
      if (::geteuid() == 0 && ::setresuid(65534, 65534, 65534) != 0) ::_exit(1);
      const auto said = complaint_about(folder_.store());
      if (says(said, c.complaint)) die();
      std::fprintf(stderr, "%s\n", said.c_str());
    });
    ASSERT_EQ(::chmod(folder_.store().c_str(), 0600), 0);
    EXPECT_TRUE(folder_.files().size() == before.size()) << c.complaint;
  }
}

// Rows that SQLite thinks well of, but we do not.
TEST_F(StoreFileTest, WithRowsThatMeanNothing) {
  struct Case {
    std::string sql;
    std::string complaint;
  };
  const Case cases[] = {
      {"UPDATE routes SET prefix = '10.0.0.1/8' WHERE id = 6",
       "table routes: the row with id 6: prefix is no prefix"},
      {"UPDATE routes SET prefix = '2001:DB8::/32' WHERE id = 7",
       "table routes: the row with id 7: prefix is no prefix"},
      {"UPDATE policy_to SET prefix = 'x' WHERE place = 1",
       "table policy_to: the row with policy 17: prefix is no prefix"},
      {"UPDATE device_addresses SET address = '' WHERE place = 0",
       "table device_addresses: the row with device 15: address is no IP address"},
      {"UPDATE users SET name = CAST(x'ff' AS TEXT) WHERE id = 9",
       "table users: the row with id 9: name is not UTF-8"},
      {"UPDATE tunnels SET created = -1 WHERE id = 3",
       "table tunnels: the row with id 3: created is not between 1970 and 9999"},
      {"UPDATE tunnels SET last_connected = 9223372036854775807 WHERE id = 3",
       "table tunnels: the row with id 3: last_connected is not between 1970 and 9999"},
      {"UPDATE policies SET position = 4294967296 WHERE id = 17",
       "table policies: the row with id 17: position is out of range"},
      {"UPDATE policies SET position = 7 WHERE id = 17",
       "table policies: no policy has position 2"},
      {"DELETE FROM policies WHERE id = 18", "table policies: no policy has position 1"},
      {"UPDATE routes SET tunnel = 999 WHERE id = 6",
       "table routes: row 6 refers to something in tunnels that is not there"},
      {"INSERT INTO group_members VALUES (999, 9)",
       "table group_members: a row refers to something in groups that is not there"},
      {"DELETE FROM meta", "table meta: its row is missing"},
      {"DELETE FROM settings", "table settings: its row is missing"},
      {"UPDATE meta SET last_id = 3", "table meta: last_id is 3, but there is id 21"},
      {"DELETE FROM routes; DELETE FROM devices; DELETE FROM vnets WHERE id = 1;"
       "DELETE FROM policy_who; DELETE FROM device_tags; DELETE FROM device_addresses",
       "table vnets: the default network is missing"},
  };
  const std::string store = bytes();
  for (const auto& c : cases) {
    put(store);
    edit(c.sql);
    const auto opened = open_or_fail(folder_.store());
    const auto contents = opened->load();
    ASSERT_FALSE(contents) << c.sql;
    EXPECT_TRUE(says(contents.error().message, c.complaint)) << contents.error().message;
    EXPECT_TRUE(says(contents.error().message, folder_.store())) << contents.error().message;
  }
}

}  // namespace
}  // namespace oneping::control
