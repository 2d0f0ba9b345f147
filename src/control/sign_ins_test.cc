#include "control/sign_ins.h"

#include <gtest/gtest.h>

#include <thread>

namespace oneping::control {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

const Timestamp kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

SecretHash hash(std::size_t n) {
  return {static_cast<std::uint8_t>(n), static_cast<std::uint8_t>(n >> 8)};
}
SignIn by(const std::string& actor) {
  SignIn session;
  session.actor = actor;
  return session;
}

TEST(SignIns, ASessionIsKnownByItsCookie) {
  SignIns sign_ins("s");
  const SignIn session = sign_ins.begin(hash(1), by("token ci"), kNow);
  EXPECT_EQ(sign_ins.use(hash(1), kNow)->actor, "token ci");
  EXPECT_EQ(sign_ins.find(session.id, kNow)->began, kNow);
  EXPECT_FALSE(sign_ins.use(hash(2), kNow));
  EXPECT_FALSE(sign_ins.find(session.id + 1, kNow));
}

TEST(SignIns, LastsWhileItIsUsedButNotForever) {
  SignIns sign_ins("s");
  (void)sign_ins.begin(hash(1), by("used"), kNow);
  (void)sign_ins.begin(hash(2), by("left"), kNow);
  Timestamp now = kNow;
  while (now + hours(7) < kNow + SignIns::kLongest) {
    now += hours(7);
    ASSERT_TRUE(sign_ins.use(hash(1), now)) << timestamp_text(now);
  }
  EXPECT_FALSE(sign_ins.use(hash(2), kNow + SignIns::kIdle));
  EXPECT_TRUE(sign_ins.use(hash(1), kNow + SignIns::kLongest - minutes(1)));
  EXPECT_FALSE(sign_ins.use(hash(1), kNow + SignIns::kLongest));
}

TEST(SignIns, LookingAtOneIsNotUsingIt) {
  SignIns sign_ins("s");
  const Id id = sign_ins.begin(hash(1), by("a"), kNow).id;
  const Timestamp late = kNow + SignIns::kIdle - minutes(1);
  EXPECT_TRUE(sign_ins.find(id, late));
  EXPECT_EQ(sign_ins.all(late).size(), 1u);
  EXPECT_FALSE(sign_ins.find(id, kNow + SignIns::kIdle));
  EXPECT_TRUE(sign_ins.all(kNow + SignIns::kIdle).empty());
}

TEST(SignIns, EndsWhenSomebodyEndsIt) {
  SignIns sign_ins("s");
  const Id id = sign_ins.begin(hash(1), by("a"), kNow).id;
  (void)sign_ins.begin(hash(2), by("b"), kNow);
  EXPECT_TRUE(sign_ins.end(id));
  EXPECT_FALSE(sign_ins.end(id));
  EXPECT_FALSE(sign_ins.use(hash(1), kNow));
  EXPECT_TRUE(sign_ins.use(hash(2), kNow));
}

TEST(SignIns, TheOneUnusedForLongestMakesRoom) {
  SignIns sign_ins("s");
  for (std::size_t i = 0; i < SignIns::kMaxSessions; ++i) {
    (void)sign_ins.begin(hash(i), by("a"), kNow + minutes(i));
  }
  const Timestamp now = kNow + minutes(SignIns::kMaxSessions);
  EXPECT_TRUE(sign_ins.use(hash(0), now));
  (void)sign_ins.begin(hash(9999), by("a"), now);
  EXPECT_EQ(sign_ins.all(now).size(), SignIns::kMaxSessions);
  EXPECT_TRUE(sign_ins.use(hash(0), now));
  EXPECT_FALSE(sign_ins.use(hash(1), now));
  EXPECT_TRUE(sign_ins.use(hash(9999), now));
}

TEST(SignIns, ALinkIsGoodOnceAndForFiveMinutes) {
  SignIns sign_ins("s");
  const Timestamp until = kNow + SignIns::kLinkGood;
  for (std::size_t i = 1; i <= 3; ++i) sign_ins.offer(hash(i), {Role::admin, "root", until});
  EXPECT_EQ(sign_ins.take(hash(1), kNow)->actor, "root");
  EXPECT_FALSE(sign_ins.take(hash(1), kNow));
  EXPECT_TRUE(sign_ins.take(hash(2), until - minutes(1)));
  EXPECT_FALSE(sign_ins.take(hash(3), until));
  EXPECT_FALSE(sign_ins.take(hash(3), kNow)) << "it was tried";
  EXPECT_FALSE(sign_ins.take(hash(4), kNow));
}

TEST(SignIns, TheOldestLinkMakesRoom) {
  SignIns sign_ins("s");
  for (std::size_t i = 0; i <= SignIns::kMaxLinks; ++i) {
    sign_ins.offer(hash(i), {Role::read, "root", kNow + minutes(1 + i)});
  }
  EXPECT_FALSE(sign_ins.take(hash(0), kNow));
  EXPECT_TRUE(sign_ins.take(hash(1), kNow));
  EXPECT_TRUE(sign_ins.take(hash(SignIns::kMaxLinks), kNow));
}

// Two browsers with one link: one of them comes in.
TEST(SignIns, ALinkIsTakenByOneThread) {
  SignIns sign_ins("s");
  for (std::size_t i = 0; i < 50; ++i) {
    sign_ins.offer(hash(i), {Role::admin, "root", kNow + minutes(5)});
    std::atomic<int> taken = 0;
    std::vector<std::thread> threads;
    for (int n = 0; n < 4; ++n) {
      threads.emplace_back([&] { taken += sign_ins.take(hash(i), kNow) ? 1 : 0; });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(taken, 1);
  }
}

}  // namespace
}  // namespace oneping::control
