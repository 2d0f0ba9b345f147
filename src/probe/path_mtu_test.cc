#include "probe/path_mtu.h"

#include <gtest/gtest.h>

#include "probe/testing/simulated_path.h"

namespace oneping::probe {
namespace {

using namespace std::chrono_literals;
using test::address;

struct Case {
  const char* name;
  const char* source;
  std::vector<SimulatedHop> hops;
  std::size_t largest;
  std::size_t vanished_at_most;  // 0: nothing vanished
  const char* told_by;           // null: nobody
  std::size_t link = 1500;
};

// The middle router passes on nothing larger than `mtu`; a black hole says nothing of it.
std::vector<SimulatedHop> through(std::size_t mtu, bool is_black_hole = false) {
  std::vector<SimulatedHop> hops{{.addresses = {"10.99.1.2"}},
                                 {.addresses = {"10.99.2.2"}, .mtu = mtu},
                                 {.addresses = {"10.99.3.2"}}};
  hops[1].silent = is_black_hole;
  return hops;
}
std::vector<SimulatedHop> through_v6(std::size_t mtu, bool is_black_hole = false) {
  std::vector<SimulatedHop> hops{{.addresses = {"fd00:99:1::2"}},
                                 {.addresses = {"fd00:99:2::2"}, .mtu = mtu},
                                 {.addresses = {"fd00:99:3::2"}}};
  hops[1].silent = is_black_hole;
  return hops;
}

struct Run {
  PathMtuResult result;
  Duration took;
  std::uint64_t probes;
};

// `link_later`, if any, is what the link takes from half a second on.
Run run(const Case& c, std::uint64_t seed = 1, std::optional<std::size_t> link_later = {}) {
  Simulation simulation(c.hops, seed);
  simulation.path.set_max_packet_size(c.link);
  PathMtu mtu(address(c.source), address(c.hops.back().addresses[0]), simulation.host());
  const Time start = simulation.now;
  Time now = start;
  mtu.start(now);
  while (!mtu.is_done()) {
    now = std::min(mtu.next_time(), simulation.path.next_arrival());
    EXPECT_NE(now, kNever) << c.name;
    if (now == kNever) break;
    if (link_later && now >= start + 500ms) simulation.path.set_max_packet_size(*link_later);
    if (simulation.path.next_arrival() <= now) {
      const auto packet = simulation.path.take_arrival();
      mtu.on_packet(packet, now);
    } else {
      mtu.on_time(now);
    }
  }
  return {mtu.result(), now - start, simulation.path.sent_count()};
}

TEST(PathMtu, FindsWhatFitsAndWhoSaysSo) {
  const Case cases[] = {
      {"all that the link takes", "10.99.1.1", through(1500), 1500, 0, nullptr},
      {"a narrow link of ours", "10.99.1.1", through(1500), 1410, 0, nullptr, 1410},
      {"told", "10.99.1.1", through(1300), 1300, 0, "10.99.2.2"},
      {"told, IPv6", "fd00:99:1::1", through_v6(1400), 1400, 0, "fd00:99:2::2"},
      {"black hole", "10.99.1.1", through(1300, true), 1293, 1308, nullptr},
      {"black hole, IPv6", "fd00:99:1::1", through_v6(1300, true), 1292, 1308, nullptr},
      {"black hole at the least, IPv6", "fd00:99:1::1", through_v6(1280, true), 1280, 1288,
       nullptr},
  };
  for (const Case& c : cases) {
    const auto [result, took, probes] = run(c);
    if (c.vanished_at_most == 0) {
      EXPECT_EQ(result.largest, c.largest) << c.name;
      EXPECT_FALSE(result.vanished) << c.name;
    } else {
      EXPECT_GE(result.largest, c.largest) << c.name;
      ASSERT_TRUE(result.vanished) << c.name;
      EXPECT_LE(*result.vanished, c.vanished_at_most) << c.name;
      EXPECT_LE(*result.vanished - result.largest, PathMtu::kCloseEnough) << c.name;
    }
    EXPECT_EQ(result.told.has_value(), c.told_by != nullptr) << c.name;
    if (result.told && c.told_by != nullptr) {
      EXPECT_EQ(result.told->from, address(c.told_by)) << c.name;
    }
    EXPECT_LE(took, 10s) << c.name;
  }
}

TEST(PathMtu, ADestinationThatIsSilentAnswersNothing) {
  auto hops = through(1500);
  hops.back().silent = true;
  const auto [result, took, probes] = run({"silent", "10.99.1.1", hops, 0, 0, nullptr});
  EXPECT_EQ(result.largest, 0u);
  EXPECT_LE(took, 4s);
}

TEST(PathMtu, WhatIsLostIsNoBlackHole) {
  for (const bool is_narrow : {false, true}) {
    for (std::uint64_t seed = 1; seed <= 200; ++seed) {
      auto hops = through(is_narrow ? 1300 : 1500);
      hops.back().loss = 0.3;
      const auto [result, took, probes] = run({"lossy", "10.99.1.1", hops, 0, 0, nullptr}, seed);
      EXPECT_FALSE(result.vanished) << seed;
      EXPECT_EQ(result.largest, is_narrow ? 1300u : 1500u) << seed;
      EXPECT_LE(took, 30s) << seed;
    }
  }
}

// Also where all that is too large is within what is close enough.
TEST(PathMtu, WhatARouterSaysMayBeLostOrRare) {
  for (const std::size_t mtu : {1300u, 1491u, 1492u, 1493u, 1499u}) {
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      auto hops = through(mtu);
      if (seed % 2 == 0) {
        hops[1].loss = 0.4;
      } else {
        hops[1].error_gap = 1s;
      }
      const auto [result, took, probes] = run({"lossy", "10.99.1.1", hops, 0, 0, nullptr}, seed);
      EXPECT_FALSE(result.vanished) << mtu << " " << seed;
      EXPECT_EQ(result.largest, mtu) << seed;
      ASSERT_TRUE(result.told) << mtu << " " << seed;
      EXPECT_EQ(result.told->mtu, mtu);
      EXPECT_LE(probes, 50u) << mtu << " " << seed;
    }
  }
}

TEST(PathMtu, ALateAnswerCounts) {
  for (const std::size_t mtu : {1300u, 1500u}) {
    auto hops = through(mtu);
    for (SimulatedHop& hop : hops) hop.round_trips = {1300ms};
    const auto [result, took, probes] = run({"far", "10.99.1.1", hops, 0, 0, nullptr});
    EXPECT_FALSE(result.vanished) << mtu;
    EXPECT_EQ(result.largest, mtu);
  }
}

TEST(PathMtu, ALinkThatBecomesNarrowerEndsTheSearch) {
  auto hops = through(1300, true);
  const auto [result, took, probes] =
      run({"narrower", "10.99.1.1", hops, 0, 0, nullptr}, 1, std::size_t{1200});
  EXPECT_FALSE(result.vanished);
  EXPECT_EQ(result.largest, 1200u);
  EXPECT_LE(probes, 20u);
}

TEST(PathMtu, ABlackHoleIsFoundOnALossyPathToo) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    auto hops = through(1300, true);
    hops.back().loss = 0.1;
    const auto [result, took, probes] = run({"both", "10.99.1.1", hops, 0, 0, nullptr}, seed);
    ASSERT_TRUE(result.vanished) << seed;
    EXPECT_GT(*result.vanished, 1300u - PathMtu::kCloseEnough) << seed;
    EXPECT_LE(result.largest, 1300u) << seed;
  }
}

}  // namespace
}  // namespace oneping::probe
