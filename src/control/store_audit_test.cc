// The audit log: what is asked comes, newest first, and no more is kept than is said.
#include <gtest/gtest.h>

#include "control/sqlite_database.h"
#include "control/testing/store_folder.h"

namespace oneping::control {
namespace {

class AuditTest : public ::testing::Test {
 protected:
  AuditTest() : store_(open_or_fail(folder_.store())) {}

  void add(AuditEntry entry) { EXPECT_EQ(failure(store_->commit({}, entry)), ""); }
  std::vector<AuditEntry> ask(const AuditQuery& query) {
    auto found = store_->audit(query);
    EXPECT_TRUE(found) << found.error().message;
    return found ? *found : std::vector<AuditEntry>();
  }
  std::vector<Id> ids(const AuditQuery& query) {
    std::vector<Id> ids;
    for (const auto& entry : ask(query)) ids.push_back(entry.id);
    return ids;
  }

  StoreFolder folder_;
  std::unique_ptr<Store> store_;
};

using Ids = std::vector<Id>;

TEST_F(AuditTest, KeepsEntriesWithTheirChanges) {
  const AuditEntry first{0, at(1'000), "uid 0 (root)", "user.create", "alice", R"({"a": 1})"};
  const AuditEntry second{77, at(2'000), "token ci", "user.delete", "Zürich", ""};
  add(first);
  add(second);
  store_.reset();
  store_ = open_or_fail(folder_.store());
  auto expected = std::vector<AuditEntry>{second, first};
  expected[0].id = 2;  // the store's, whatever the entry said
  expected[1].id = 1;
  EXPECT_EQ(ask({}), expected);
}

TEST_F(AuditTest, AnswersWhatIsAsked) {
  add(entry("tunnel.create", "office"));     // 1
  add(entry("tunnel.rotate", "office"));     // 2
  add(entry("tunnels", "office"));           // 3
  add(entry("tunnel", "office"));            // 4
  add(entry("tunnel.", "home"));             // 5
  add(entry("route.create", "10.0.0.0/8"));  // 6
  auto late = entry("tunnel.create", "home");
  late.time = at(1'800'000'000'000);
  add(late);  // 7
  struct Case {
    std::string name;
    AuditQuery query;
    Ids expected;
  };
  const Case cases[] = {
      {"all", {}, {7, 6, 5, 4, 3, 2, 1}},
      {"limit", {.limit = 2}, {7, 6}},
      {"no room", {.limit = 0}, {}},
      {"before", {.before = 3}, {2, 1}},
      {"a page", {.before = 6, .limit = 2}, {5, 4}},
      {"before all", {.before = 1}, {}},
      {"since", {.since = at(1'800'000'000'000)}, {7}},
      {"since just before", {.since = at(1'700'000'000'000)}, {7, 6, 5, 4, 3, 2, 1}},
      {"since later", {.since = at(1'800'000'000'001)}, {}},
      {"action", {.action = "tunnel.create"}, {7, 1}},
      {"action is whole", {.action = "tunnel"}, {4}},
      {"actions that begin so", {.action = "tunnel."}, {7, 5, 2, 1}},
      {"none begins so", {.action = "vnet."}, {}},
      {"only a point", {.action = "."}, {}},
      {"object", {.object = "office"}, {4, 3, 2, 1}},
      {"object is whole", {.object = "offic"}, {}},
      {"no pattern", {.object = "%"}, {}},
      {"all together",
       {.before = 7, .since = at(0), .action = "tunnel.", .object = "office", .limit = 1},
       {2}},
  };
  for (const auto& c : cases) EXPECT_EQ(ids(c.query), c.expected) << c.name;
}

TEST_F(AuditTest, AQueryThatIsNotTextIsAnError) { EXPECT_FALSE(store_->audit({.object = "\xff"})); }

TEST_F(AuditTest, DropsTheOldestBeyondItsBound) {
  store_.reset();
  {
    auto database = SqliteDatabase::open(folder_.store());
    ASSERT_TRUE(database);
    const auto filled = database->run(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :n) "
        "INSERT INTO audit SELECT i, 0, '', 'old', '', '' FROM n",
        kMaxAuditEntries);
    ASSERT_TRUE(filled) << filled.error().message;
  }
  store_ = open_or_fail(folder_.store());
  add(entry());
  add(entry());
  const auto kept = ids({.limit = kMaxAuditEntries + 10});
  ASSERT_EQ(kept.size(), static_cast<std::size_t>(kMaxAuditEntries));
  EXPECT_EQ(kept.front(), kMaxAuditEntries + 2);
  EXPECT_EQ(kept.back(), 3);
}

}  // namespace
}  // namespace oneping::control
