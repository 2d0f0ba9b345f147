// Damaged files, by the hundred: each is refused and left as it is, or holds what can be.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "base/random.h"
#include "control/testing/store_folder.h"

namespace oneping::control {
namespace {

// What the rest of the program relies on in what is loaded.
class Validity {
 public:
  explicit Validity(const Contents& all) : all_(all) {
    EXPECT_EQ(all.vnets.at(0).id, kDefaultVnet);
    check_named(all.vnets, vnets_);
    check_named(all.tunnels, tunnels_);
    check_named(all.users, users_);
    check_named(all.groups, groups_);
    check_named(all.enrolment_keys, keys_);
    check_named(all.devices, devices_);
    check_named(all.policies, policies_);
    check_named(all.api_tokens, tokens_);
    check_routes();
    check_people();
    check_policies();
  }

 private:
  using Ids = std::set<Id>;

  void check_named(const auto& values, Ids& ids) {
    std::set<std::string> names;
    for (const auto& value : values) {
      EXPECT_TRUE(ids.insert(value.id).second) << "id " << value.id << " twice";
      EXPECT_TRUE(names.insert(value.name).second) << "name " << value.name << " twice";
      EXPECT_LE(value.id, all_.last_id);
      check(value.created);
    }
  }
  void check(std::optional<Timestamp> time) {
    EXPECT_TRUE(!time || parse_timestamp(timestamp_text(*time)) == time);
  }
  void check_routes() {
    std::set<std::pair<Id, Prefix>> prefixes;
    for (const auto& route : all_.routes) {
      EXPECT_TRUE(prefixes.emplace(route.vnet, route.prefix).second);
      EXPECT_TRUE(vnets_.contains(route.vnet));
      EXPECT_TRUE(tunnels_.contains(route.tunnel));
    }
  }
  void check_people() {
    for (const auto& group : all_.groups) {
      EXPECT_TRUE(std::is_sorted(group.members.begin(), group.members.end()));
      for (const auto user : group.members) EXPECT_TRUE(users_.contains(user));
    }
    for (const auto& key : all_.enrolment_keys)
      EXPECT_TRUE(!key.user || users_.contains(*key.user));
    for (const auto& device : all_.devices) {
      EXPECT_TRUE(!device.user || users_.contains(*device.user));
      EXPECT_TRUE(vnets_.contains(device.vnet));
    }
  }
  void check_policies() {
    std::set<std::uint32_t> positions;
    for (const auto& policy : all_.policies) {
      positions.insert(policy.position);
      EXPECT_TRUE(!policy.vnet || vnets_.contains(*policy.vnet));
      check(policy.from);
      check(policy.until);
      for (const auto& who : policy.who) {
        switch (who.kind) {
          case SubjectKind::user: EXPECT_TRUE(users_.contains(who.id)); break;
          case SubjectKind::group: EXPECT_TRUE(groups_.contains(who.id)); break;
          case SubjectKind::device: EXPECT_TRUE(devices_.contains(who.id)); break;
          case SubjectKind::tag: break;
        }
      }
    }
    if (positions.empty()) return;
    EXPECT_EQ(*positions.begin(), 1u);
    EXPECT_EQ(*positions.rbegin(), all_.policies.size());
  }

  const Contents& all_;
  Ids vnets_, tunnels_, users_, groups_, keys_, devices_, policies_, tokens_;
};

struct Outcomes {
  int refused = 0;
  int not_loaded = 0;
  int loaded = 0;
};

// Opens, loads and changes what is in the folder.
void try_it(StoreFolder& folder, Outcomes& outcomes) {
  const auto before = folder.files();
  auto store = open_sqlite_store(folder.store());
  if (!store) {
    ++outcomes.refused;
    EXPECT_EQ(store.error().message.find('\n'), std::string::npos) << store.error().message;
    EXPECT_TRUE(folder.files() == before) << "refused, but touched: " << store.error().message;
    return;
  }
  const auto contents = (*store)->load();
  if (!contents) {
    ++outcomes.not_loaded;
    EXPECT_EQ(contents.error().message.find('\n'), std::string::npos) << contents.error().message;
    return;
  }
  ++outcomes.loaded;
  const Validity checked(*contents);
  const User user{contents->last_id + 1, "someone new", "", at(1)};
  EXPECT_EQ(failure((*store)->commit(std::vector<Change>{user}, entry())), "");
  (void)(*store)->audit({});  // entries, or an error
}

// Bits at first, then bytes, then stretches.
void damage(std::string& bytes, Random& random, int round) {
  if (bytes.empty()) return;
  const auto place = [&] { return random.below(bytes.size()); };
  switch (round % 4) {
    case 0: bytes[place()] ^= static_cast<char>(1 << random.below(8)); break;
    case 1:
      for (int n = 0; n < 8; ++n) bytes[place()] = static_cast<char>(random.next());
      break;
    case 2: {
      const auto from = place();
      const auto size = std::min<std::size_t>(random.below(5000), bytes.size() - from);
      std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(from), size,
                  static_cast<char>(random.next()));
      break;
    }
    case 3:  // where the headers are: of the file, and of its first page
      bytes[random.below(std::min<std::size_t>(bytes.size(), 200))] =
          static_cast<char>(random.next());
      break;
  }
}

TEST(StoreDamage, NeverMoreThanAnError) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  StoreFolder folder;
  std::string log;
  {
    const auto store = open_or_fail(folder.store());
    ASSERT_EQ(failure(store->commit(changes_of(something_of_everything()), entry())), "");
    log = StoreFolder::bytes_of(folder.store() + "-wal");
  }
  const auto store = StoreFolder::bytes_of(folder.store());
  ASSERT_FALSE(store.empty());
  ASSERT_FALSE(log.empty());
  Outcomes outcomes;
  constexpr int kRounds = 400;
  for (int round = 0; round < kRounds && !::testing::Test::HasFailure(); ++round) {
    auto damaged = store;
    damage(damaged, random, round);
    std::filesystem::remove(folder.store() + "-wal");
    StoreFolder::put(folder.store(), damaged);
    // At times the owner was killed, and his log is there, well or not.
    if (random.below(4) == 0) {
      auto found = log;
      if (random.below(2) == 0) damage(found, random, round / 4);
      StoreFolder::put(folder.store() + "-wal", found);
    }
    try_it(folder, outcomes);
  }
  EXPECT_GT(outcomes.refused, kRounds / 10);
  EXPECT_GT(outcomes.loaded, kRounds / 10);
  RecordProperty("refused", outcomes.refused);
  RecordProperty("not_loaded", outcomes.not_loaded);
  RecordProperty("loaded", outcomes.loaded);
}

}  // namespace
}  // namespace oneping::control
