// What a store keeps: every kind, commits as a whole, what it refuses, the audit log.
#include "control/store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>

#include "control/testing/store_folder.h"

namespace oneping::control {
namespace {

// A store that holds something of everything.
class StoreTest : public ::testing::Test {
 protected:
  StoreTest() : store_(open_or_fail(folder_.store())), before_(something_of_everything()) {
    EXPECT_EQ(failure(store_->commit(changes_of(before_), entry())), "");
  }

  void reopen() {
    store_.reset();
    store_ = open_or_fail(folder_.store());
  }
  std::string commit(const std::vector<Change>& changes) {
    return failure(store_->commit(changes, entry()));
  }
  // It is refused, says so, and has not happened: not now, and not after a restart.
  void expect_refused(const std::vector<Change>& changes, const std::string& complaint) {
    const auto entries = store_->audit({})->size();
    const auto said = commit(changes);
    EXPECT_NE(said.find(complaint), said.npos) << "said: " << said << "\nwanted: " << complaint;
    EXPECT_TRUE(load_or_fail(*store_) == before_) << complaint;
    EXPECT_EQ(store_->audit({})->size(), entries) << complaint;
    reopen();
    EXPECT_TRUE(load_or_fail(*store_) == before_) << complaint;
  }

  StoreFolder folder_;
  std::unique_ptr<Store> store_;
  const Contents before_;
};

TEST(Store, BeginsWithTheDefaultNetwork) {
  StoreFolder folder;
  const auto contents = load_or_fail(*open_or_fail(folder.store()));
  ASSERT_EQ(contents.vnets.size(), 1u);
  EXPECT_EQ(contents.vnets[0].id, kDefaultVnet);
  EXPECT_EQ(contents.vnets[0].name, "default");
  EXPECT_GT(contents.vnets[0].created, at(1'700'000'000'000)) << "when it was made";
  Contents rest = contents;
  rest.vnets.clear();
  EXPECT_TRUE(rest == Contents()) << "and else nothing";
}

TEST_F(StoreTest, KeepsEveryFieldOfEveryKind) {
  reopen();
  const auto found = load_or_fail(*store_);
  EXPECT_EQ(found.vnets, before_.vnets);
  EXPECT_EQ(found.tunnels, before_.tunnels);
  EXPECT_EQ(found.routes, before_.routes);
  EXPECT_EQ(found.users, before_.users);
  EXPECT_EQ(found.groups, before_.groups);
  EXPECT_EQ(found.enrolment_keys, before_.enrolment_keys);
  EXPECT_EQ(found.devices, before_.devices);
  EXPECT_EQ(found.policies, before_.policies);
  EXPECT_EQ(found.api_tokens, before_.api_tokens);
  EXPECT_EQ(found.settings, before_.settings);
  EXPECT_EQ(found.last_id, before_.last_id);
}

TEST_F(StoreTest, ANewValueTakesThePlaceOfTheOldOne) {
  Contents after = before_;
  after.tunnels[0] = {3,  "office", filled<16>(99),         "other", {},
                      {}, at(1),    tunnel::PathMode::full, "new",   at(2),
                      {}};
  after.groups[0].members = {10};
  after.devices[0].tags = {"c"};
  after.devices[0].addresses.clear();
  std::swap(after.policies[0].who[0], after.policies[0].who[3]);
  after.policies[0].ports = {{1, 2}};
  after.settings.default_verdict = Verdict::allow;
  EXPECT_EQ(commit({after.tunnels[0], after.groups[0], after.devices[0], after.policies[0],
                    after.settings}),
            "");
  EXPECT_TRUE(load_or_fail(*store_) == after);
}

TEST_F(StoreTest, ForgetsAllInOneCommitInAnyOrder) {
  std::vector<Change> changes;
  const auto erase = [&](Kind kind, const auto& values) {
    for (const auto& value : values) {
      if (value.id != kDefaultVnet) changes.emplace_back(Erase{kind, value.id});
    }
  };
  erase(Kind::vnet, before_.vnets);
  erase(Kind::tunnel, before_.tunnels);
  erase(Kind::user, before_.users);
  erase(Kind::group, before_.groups);
  erase(Kind::device, before_.devices);
  erase(Kind::enrolment_key, before_.enrolment_keys);
  erase(Kind::route, before_.routes);
  erase(Kind::policy, before_.policies);
  erase(Kind::api_token, before_.api_tokens);
  ASSERT_EQ(commit(changes), "");
  Contents expected;
  expected.vnets = {before_.vnets[0]};
  expected.settings = before_.settings;
  expected.last_id = before_.last_id;
  EXPECT_TRUE(load_or_fail(*store_) == expected);
}

TEST_F(StoreTest, ThingsSwapWhatIsUnique) {
  Contents after = before_;
  std::swap(after.tunnels[0].name, after.tunnels[1].name);
  std::swap(after.tunnels[0].uuid, after.tunnels[1].uuid);
  std::swap(after.users[0].name, after.users[1].name);
  std::swap(after.groups[0].name, after.groups[1].name);
  std::swap(after.vnets[0].name, after.vnets[1].name);
  std::swap(after.routes[0].prefix, after.routes[2].prefix);
  std::swap(after.devices[0].name, after.devices[1].name);
  std::swap(after.enrolment_keys[0].name, after.enrolment_keys[1].name);
  std::swap(after.api_tokens[0].name, after.api_tokens[1].name);
  // 2 1 3 becomes 3 2 1.
  for (auto& policy : after.policies) policy.position = policy.position % 3 + 1;
  ASSERT_EQ(commit(changes_of(after)), "");
  EXPECT_TRUE(load_or_fail(*store_) == after);
}

TEST_F(StoreTest, ANameThatBecomesFreeIsTakenInTheSameCommit) {
  Contents after = before_;
  after.users[1] = {22, before_.users[0].name, "another alice", at(50)};
  after.users[0] = before_.users[1];
  after.groups[0].members = {10, 22};
  after.enrolment_keys[0].user = 22;
  after.last_id = 22;
  ASSERT_EQ(
      commit({after.users[1], after.groups[0], after.enrolment_keys[0], Erase{Kind::user, 9}}), "");
  EXPECT_TRUE(load_or_fail(*store_) == after);
}

TEST_F(StoreTest, OfSeveralChangesToOneIdTheLastCounts) {
  const User one{22, "carol", "first", at(1)};
  const User two{22, "carol", "second", at(2)};
  ASSERT_EQ(commit({one, Erase{Kind::user, 22}, two}), "");
  EXPECT_EQ(load_or_fail(*store_).users.back(), two);
  ASSERT_EQ(commit({one, Erase{Kind::user, 22}}), "");
  EXPECT_EQ(load_or_fail(*store_).users, before_.users);
}

TEST_F(StoreTest, IdsAreNotGivenAgain) {
  ASSERT_EQ(commit({User{100, "carol", "", at(1)}}), "");
  ASSERT_EQ(commit({Erase{Kind::user, 100}}), "");
  reopen();
  EXPECT_EQ(load_or_fail(*store_).last_id, 100);
  ASSERT_EQ(commit({User{50, "carol", "", at(1)}}), "");
  EXPECT_EQ(load_or_fail(*store_).last_id, 100) << "never lower";
}

TEST_F(StoreTest, ACommitNeedsNoChange) {
  ASSERT_EQ(commit({}), "");
  EXPECT_TRUE(load_or_fail(*store_) == before_);
  EXPECT_EQ(store_->audit({})->size(), 2u);
}

// One change that cannot be, after others that can.
TEST_F(StoreTest, OneBadChangeAndNothingHappens) {
  const auto with = [&](Change bad) {
    return std::vector<Change>{User{30, "new", "", at(1)}, Erase{Kind::api_token, 20},
                               Settings{Verdict::allow}, std::move(bad),
                               Vnet{31, "new", "", at(1)}};
  };
  const auto changed = [](auto value, auto change) {
    change(value);
    return value;
  };
  const auto& all = before_;
  struct Case {
    std::string complaint;
    Change bad;
  };
  const Case cases[] = {
      {"row 30 refers to something in tunnels",
       Route{30, *Prefix::parse("10.9.0.0/16"), 1, 999, "", at(1)}},
      {"row 30 refers to something in vnets",
       Route{30, *Prefix::parse("10.9.0.0/16"), 999, 3, "", at(1)}},
      {"routes: row 5 refers to something in tunnels", Erase{Kind::tunnel, 3}},
      {"refers to something in vnets", Erase{Kind::vnet, 2}},
      {"refers to something in users", Erase{Kind::user, 10}},
      {"policy_who: a row refers to something in groups", Erase{Kind::group, 11}},
      {"policy_who: a row refers to something in devices", Erase{Kind::device, 15}},
      {"group_members: a row refers to something in users", changed(all.groups[0],
                                                                    [](auto& group) {
                                                                      group.members = {9, 999};
                                                                    })},
      {"UNIQUE constraint failed: group_members", changed(all.groups[0],
                                                          [](auto& group) {
                                                            group.members = {9, 9};
                                                          })},
      {"devices: row 15 refers to something in users",
       changed(all.devices[0], [](auto& device) { device.user = 999; })},
      {"devices: row 15 refers to something in vnets",
       changed(all.devices[0], [](auto& device) { device.vnet = 999; })},
      {"enrolment_keys: row 13 refers to something in users",
       changed(all.enrolment_keys[0], [](auto& key) { key.user = 999; })},
      {"policies: row 17 refers to something in vnets",
       changed(all.policies[0], [](auto& policy) { policy.vnet = 999; })},
      {"policy_who: a row refers to something in users",
       changed(all.policies[0],
               [](auto& p) {
                 p.who = {{SubjectKind::user, 999, ""}};
               })},
      {"the default network cannot be deleted", Erase{Kind::vnet, kDefaultVnet}},
      {"routes, id 999: it is not there", Erase{Kind::route, 999}},
      {"users, id 3: it is not there", Erase{Kind::user, 3}},  // a tunnel
      {"UNIQUE constraint failed: users.name", User{32, "alice", "", at(1)}},
      {"UNIQUE constraint failed: tunnels.uuid",
       changed(all.tunnels[0], [](auto& tunnel) { tunnel.uuid = filled<16>(0); })},
      {"UNIQUE constraint failed: routes",
       Route{32, *Prefix::parse("10.0.0.0/8"), 1, 4, "", at(1)}},
      {"UNIQUE constraint failed: policies.position",
       changed(all.policies[0], [](auto& policy) { policy.position = 1; })},
      {"the positions of 3 policies go to 4",
       changed(all.policies[2], [](auto& policy) { policy.position = 4; })},
      {"the positions of 2 policies go to 3", Erase{Kind::policy, 18}},
      {"CHECK constraint failed", User{0, "zero", "", at(1)}},
      {"CHECK constraint failed", User{-5, "negative", "", at(1)}},
      {"CHECK constraint failed",
       changed(all.policies[1], [](auto& policy) { policy.position = 0; })},
      {"comment is not UTF-8", User{32, "carol", "\xff", at(1)}},
      {"tag is not UTF-8", changed(all.devices[0],
                                   [](auto& d) {
                                     d.tags = {"a", "\xc0\x80"};
                                   })},
      {"created is not between 1970 and 9999", User{32, "carol", "", at(-1)}},
      {"created is not between 1970 and 9999", User{32, "carol", "", Timestamp::max()}},
      {"uses is too large",
       changed(all.enrolment_keys[0], [](auto& key) { key.uses = 1ull << 63; })},
  };
  for (const auto& c : cases) expect_refused(with(c.bad), c.complaint);
}

TEST_F(StoreTest, AnEntryThatCannotBeKeptRefusesItsChanges) {
  auto bad = entry();
  bad.object = "\xff";
  const auto said = failure(store_->commit(std::vector<Change>{User{30, "new", "", at(1)}}, bad));
  EXPECT_NE(said.find("object is not UTF-8"), said.npos) << said;
  EXPECT_TRUE(load_or_fail(*store_) == before_);
}

// As on a full disk.
TEST_F(StoreTest, AWriteThatFailsHasNotHappened) {
  rlimit usual;
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &usual), 0);
  const auto usual_handler = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit small{4096, usual.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto said = commit({User{30, "new", std::string(10'000, 'c'), at(1)}});
  const auto copied = failure(store_->backup(folder_ / "backup.db"));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &usual), 0);
  std::signal(SIGXFSZ, usual_handler);

  EXPECT_NE(said.find("disk I/O error"), said.npos) << said;
  EXPECT_NE(copied, "");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "backup.db"));
  EXPECT_TRUE(load_or_fail(*store_) == before_);
  EXPECT_EQ(commit({User{31, "newer", "", at(1)}}), "") << "there is room again";
  reopen();
  EXPECT_EQ(load_or_fail(*store_).users.back().name, "newer");
}

TEST_F(StoreTest, TextMayHoldAnythingThatIsUtf8) {
  const auto odd = "'; DROP TABLE users; --" + std::string(1, '\0') + "\n\"%_\xf0\x9f\x8c\x8d";
  const User user{30, odd, odd, at(1)};
  ASSERT_EQ(commit({user}), "");
  reopen();
  EXPECT_EQ(load_or_fail(*store_).users.back(), user);
}

}  // namespace
}  // namespace oneping::control
