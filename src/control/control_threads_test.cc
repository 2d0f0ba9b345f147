// Many threads ask at once: nothing is lost, nothing is torn (the sanitizers watch), and at the end
// everything fits together.
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "control/testing/checked_api.h"
#include "control/testing/invariants.h"

namespace oneping::control {
namespace {

using testing::broken_invariant;
using testing::FurnishedWorld;

TEST(ControlThreads, RequestsDoNotDisturbEachOther) {
  constexpr int kWriters = 3;
  constexpr int kRounds = 16;
  FurnishedWorld world;
  const std::size_t users_before = world.store.load()->users.size();
  std::atomic<bool> stop{false};
  std::atomic<int> unexpected{0};
  const auto expect = [&](const ApiResponse& response, int status) {
    if (response.status != status) ++unexpected;
  };

  std::vector<std::thread> readers;
  for (const char* path : {"/tunnels", "/routes", "/users", "/policies", "/audit", "/status"}) {
    readers.emplace_back([&, path] {
      while (!stop) {
        expect(world.ask("GET", path), 200);
        (void)world.control->snapshot();
        (void)world.control->next_deadline();
        (void)world.api->latencies();
      }
    });
  }
  readers.emplace_back([&] {
    const auto listener = world.control->events().subscribe(std::nullopt);
    while (!stop) (void)listener->next(std::chrono::milliseconds(10));
  });
  readers.emplace_back([&] {
    const Uuid uuid = world.control->snapshot().routing->tunnels[0]->id;
    while (!stop) {
      world.control->on_tunnel_health(uuid, edge::TunnelHealth::healthy);
      world.control->on_time();
    }
  });

  std::vector<std::thread> writers;
  for (int writer = 0; writer < kWriters; ++writer) {
    writers.emplace_back([&, writer] {
      for (int round = 0; round < kRounds; ++round) {
        const std::string name = "w" + std::to_string(writer) + "-" + std::to_string(round);
        const std::string prefix =
            "10." + std::to_string(10 + writer) + "." + std::to_string(round) + ".0/24";
        expect(world.ask("POST", "/users", {{"name", name}}), 201);
        expect(
            world.ask(
                "POST", "/policies",
                {{"name", name}, {"verdict", "deny"}, {"who", {"user:" + name}}, {"position", 1}}),
            201);
        const Json route =
            world.json("POST", "/routes", {{"prefix", prefix}, {"tunnel", "office"}});
        expect(world.ask("DELETE", "/routes/" + to_text(route["id"])), 204);
        if (round % 2 == 0) {
          expect(world.ask("DELETE", "/policies/" + name), 204);
          expect(world.ask("DELETE", "/users/" + name), 204);
        }
      }
    });
  }
  for (auto& thread : writers) thread.join();
  stop = true;
  for (auto& thread : readers) thread.join();

  EXPECT_EQ(unexpected, 0);
  EXPECT_EQ(world.store.load()->users.size(), users_before + kWriters * kRounds / 2);
  EXPECT_EQ(broken_invariant(world), "");
}

// Two who want the same name: one gets it.
TEST(ControlThreads, ANameIsGivenOnce) {
  FurnishedWorld world;
  for (int round = 0; round < 20; ++round) {
    const Json body = {{"name", "only-" + std::to_string(round)}};
    std::atomic<int> made{0};
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        if (world.ask("POST", "/users", body).status == 201) ++made;
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(made, 1);
  }
}

}  // namespace
}  // namespace oneping::control
