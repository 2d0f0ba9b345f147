// A program that is killed while it writes: what was acknowledged is there, what was not is there
// whole or not at all.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <thread>

#include "base/random.h"
#include "control/sqlite_database.h"
#include "control/testing/store_folder.h"

namespace oneping::control {
namespace {

using Step = std::uint32_t;

// The program's work, which begins anew in each process: step n makes a tunnel with two routes, and
// forgets those of the step kKept before it.
constexpr Step kKept = 5;

Id first_id(Step step) { return kDefaultVnet + 1 + 3 * Id{step}; }

Tunnel tunnel_of(Step step) {
  Tunnel tunnel;
  tunnel.id = first_id(step);
  tunnel.name = "tunnel" + std::to_string(step);
  store_be32(tunnel.uuid.data(), step);
  tunnel.comment = std::string(step % 3000, 'c');
  return tunnel;
}

Route route_of(Step step, Id which) {
  const auto address = IpAddress::v4(0x0a000000 + 2 * step + static_cast<std::uint32_t>(which));
  return {first_id(step) + 1 + which, Prefix(address, 32), kDefaultVnet, first_id(step), "", {}};
}

std::vector<Change> changes_of_step(Step step) {
  std::vector<Change> changes{route_of(step, 0), tunnel_of(step), route_of(step, 1)};
  if (step >= kKept) {
    const Id old = first_id(step - kKept);
    changes.emplace_back(Erase{Kind::tunnel, old});
    changes.emplace_back(Erase{Kind::route, old + 1});
    changes.emplace_back(Erase{Kind::route, old + 2});
  }
  return changes;
}

// After the steps before `next`.
Contents contents_at(Step next) {
  Contents contents;
  for (Step step = next < kKept ? 0 : next - kKept; step < next; ++step) {
    contents.tunnels.push_back(tunnel_of(step));
    contents.routes.push_back(route_of(step, 0));
    contents.routes.push_back(route_of(step, 1));
  }
  if (next > 0) contents.last_id = first_id(next) - 1;
  return contents;
}

// Takes a copy at times, too.
[[noreturn]] void work(const std::string& path, Step next, int acknowledge) {
  auto store = open_sqlite_store(path);
  if (!store) ::_exit(1);
  for (;; ++next) {
    if (!(*store)->commit(changes_of_step(next), entry())) ::_exit(1);
    if (::write(acknowledge, &next, sizeof next) != sizeof next) ::_exit(1);
    if (next % 50 == 49 && !(*store)->backup(path + "." + std::to_string(next))) ::_exit(1);
  }
}

// Kills the program after a while. The number of steps that were acknowledged, with those before.
Step run_and_kill(const std::string& path, Step next, std::chrono::microseconds after) {
  int acknowledged[2];
  EXPECT_EQ(::pipe(acknowledged), 0);
  const pid_t child = ::fork();
  EXPECT_GE(child, 0);
  if (child == 0) {
    ::close(acknowledged[0]);
    work(path, next, acknowledged[1]);
  }
  ::close(acknowledged[1]);
  std::this_thread::sleep_for(after);
  ::kill(child, SIGKILL);
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it gave up by itself";
  for (Step step = 0; ::read(acknowledged[0], &step, sizeof step) == sizeof step;) {
    EXPECT_EQ(step, next);
    next = step + 1;
  }
  ::close(acknowledged[0]);
  return next;
}

void expect_integrity(const std::string& path) {
  auto database = SqliteDatabase::open(path);
  ASSERT_TRUE(database);
  auto checked = database->statement("PRAGMA integrity_check");
  ASSERT_TRUE(checked.next_row());
  EXPECT_EQ(checked.text(), "ok");
}

// How many steps it holds; it must hold just those.
Step steps_in(const std::string& path) {
  auto contents = load_or_fail(*open_or_fail(path));
  EXPECT_EQ(contents.vnets.size(), 1u);
  contents.vnets.clear();
  const Step steps = static_cast<Step>((contents.last_id - kDefaultVnet) / 3);
  EXPECT_TRUE(contents == contents_at(steps)) << "something is missing, half, or too much";
  return steps;
}

TEST(StoreCrash, LosesNothingThatWasAcknowledged) {
  const std::uint64_t seed = std::random_device()();
  SCOPED_TRACE("seed " + std::to_string(seed));
  SeededRandom random(seed);
  int unacknowledged = 0;
  Step in_all = 0;
  constexpr int kFiles = 12;
  constexpr int kKillsOfEach = 5;
  for (int file = 0; file < kFiles; ++file) {
    // Where writing takes a while, so that it is killed in the midst of it.
    StoreFolder folder(Medium::disk);
    Step steps = 0;
    for (int kill = 0; kill < kKillsOfEach && !::testing::Test::HasFailure(); ++kill) {
      // At first it is often killed while it makes the file.
      const auto patience = std::chrono::microseconds(random.below(kill == 0 ? 20'000 : 150'000));
      const Step acknowledged = run_and_kill(folder.store(), steps, patience);
      steps = steps_in(folder.store());
      EXPECT_GE(steps, acknowledged) << "lost what was acknowledged";
      EXPECT_LE(steps, acknowledged + 1);
      unacknowledged += steps > acknowledged ? 1 : 0;
      expect_integrity(folder.store());
    }
    // Copies are whole, or have not got their name.
    for (const auto& found : std::filesystem::directory_iterator(folder.path())) {
      const std::string name = found.path().filename();
      const bool is_copy = name.find('.', name.find(".db") + 1) != name.npos;
      if (!is_copy || name.find(".tmp-") != name.npos) continue;
      const auto after = static_cast<Step>(std::stoul(name.substr(name.rfind('.') + 1)));
      EXPECT_EQ(steps_in(found.path()), after + 1) << name;
    }
    in_all += steps;
  }
  EXPECT_GT(in_all, Step{kFiles}) << "it was killed before it did anything";
  RecordProperty("steps", static_cast<int>(in_all));
  RecordProperty("written_but_not_acknowledged", unacknowledged);
}

}  // namespace
}  // namespace oneping::control
