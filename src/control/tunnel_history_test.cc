#include "control/tunnel_history.h"

#include <gtest/gtest.h>

namespace oneping::control {
namespace {

using edge::TunnelHealth;
using std::chrono::minutes;
using std::chrono::seconds;

const Timestamp kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};
const Uuid kTunnel{1};

edge::ConnectionStatus connection(std::uint8_t index, std::uint64_t sent, std::uint64_t lost,
                                  Duration rtt = std::chrono::milliseconds(3)) {
  edge::ConnectionStatus status;
  status.index = index;
  status.datagrams_sent = sent;
  status.datagrams_lost = lost;
  status.rtt = rtt;
  return status;
}

LiveTunnels tunnels(TunnelHealth health, std::vector<edge::ConnectionStatus> connections = {}) {
  edge::TunnelStatus status{.id = kTunnel, .health = health, .uptime = {}, .connectors = {}};
  if (!connections.empty()) {
    status.connectors.push_back(
        {.id = Uuid{9}, .wanted = 2, .icmp_reason = "", .connections = std::move(connections)});
  }
  return {{kTunnel, status}};
}

std::vector<TunnelSample> all(const TunnelHistory& history, const Uuid& tunnel = kTunnel) {
  return history.of(tunnel, kFirstTimestamp);
}

TEST(TunnelHistory, ASampleIsDueEveryMinute) {
  TunnelHistory history;
  EXPECT_TRUE(history.is_due(kNow));
  history.sample({}, kNow);
  EXPECT_FALSE(history.is_due(kNow + seconds(59)));
  EXPECT_TRUE(history.is_due(kNow + minutes(1)));
  EXPECT_TRUE(history.is_due(kNow - seconds(1))) << "the clock was set back";
}

TEST(TunnelHistory, ASampleTellsHowTheTunnelIs) {
  TunnelHistory history;
  history.sample(
      tunnels(TunnelHealth::healthy, {connection(0, 100, 1, std::chrono::milliseconds(9)),
                                      connection(1, 100, 3, std::chrono::microseconds(4500))}),
      kNow);
  const auto samples = all(history);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].time, kNow);
  EXPECT_EQ(samples[0].status, TunnelHealth::healthy);
  EXPECT_EQ(samples[0].connections, 2u);
  EXPECT_EQ(samples[0].rtt, std::chrono::microseconds(4500));
  EXPECT_FLOAT_EQ(samples[0].loss, 0.02F);
}

TEST(TunnelHistory, LossIsThatOfTheMinute) {
  TunnelHistory history;
  struct Step {
    const char* name;
    std::vector<edge::ConnectionStatus> connections;
    float loss;
  };
  Timestamp now = kNow;
  for (const Step& step : {
           Step{"at first", {connection(0, 1000, 100)}, 0.1F},
           Step{"none since", {connection(0, 2000, 100)}, 0.0F},
           Step{"half", {connection(0, 2010, 105)}, 0.5F},
           Step{"nothing was sent", {connection(0, 2010, 105)}, 0.0F},
           Step{"another in its place", {connection(0, 10, 1)}, 0.1F},
           Step{"found not to be lost", {connection(0, 20, 0)}, 0.0F},
           Step{"one more", {connection(0, 30, 0), connection(1, 10, 5)}, 0.25F},
           Step{"gone", {}, 0.0F},
           Step{"back", {connection(1, 10, 10)}, 1.0F},
       }) {
    history.sample(tunnels(TunnelHealth::healthy, step.connections), now);
    EXPECT_FLOAT_EQ(all(history).back().loss, step.loss) << step.name;
    now += minutes(1);
  }
}

TEST(TunnelHistory, ItsStatusIsTheWorstOfTheMinute) {
  TunnelHistory history;
  history.sample(tunnels(TunnelHealth::healthy), kNow);
  history.on_health(kTunnel, TunnelHealth::down);
  history.on_health(kTunnel, TunnelHealth::degraded);
  history.on_health(kTunnel, TunnelHealth::healthy);
  history.on_health(Uuid{2}, TunnelHealth::down);  // of which nothing is known
  history.sample(tunnels(TunnelHealth::healthy), kNow + minutes(1));
  history.sample(tunnels(TunnelHealth::healthy), kNow + minutes(2));
  const auto samples = all(history);
  ASSERT_EQ(samples.size(), 3u);
  EXPECT_EQ(samples[0].status, TunnelHealth::healthy);
  EXPECT_EQ(samples[1].status, TunnelHealth::down);
  EXPECT_EQ(samples[2].status, TunnelHealth::healthy);
  EXPECT_TRUE(all(history, Uuid{2}).empty());
}

TEST(TunnelHistory, NothingIsKeptOfWhatNeverWas) {
  TunnelHistory history;
  history.sample(tunnels(TunnelHealth::inactive), kNow);
  EXPECT_TRUE(all(history).empty());
}

TEST(TunnelHistory, KeepsADayAndForgetsTheDeleted) {
  TunnelHistory history;
  for (std::size_t i = 0; i < TunnelHistory::kSamples + 10; ++i) {
    history.sample(tunnels(TunnelHealth::healthy), kNow + minutes(i));
  }
  EXPECT_EQ(all(history).size(), TunnelHistory::kSamples);
  EXPECT_EQ(all(history).front().time, kNow + minutes(10));
  const Timestamp last = kNow + minutes(TunnelHistory::kSamples + 9);
  EXPECT_EQ(history.of(kTunnel, last - minutes(2)).size(), 3u);
  EXPECT_EQ(history.of(kTunnel, last + minutes(1)).size(), 0u);
  history.sample({}, last + minutes(1));
  EXPECT_TRUE(all(history).empty());
}

TEST(TunnelHistory, AClockThatIsSetBackBeginsAnew) {
  TunnelHistory history;
  history.sample(tunnels(TunnelHealth::healthy), kNow);
  history.sample(tunnels(TunnelHealth::healthy), kNow - minutes(30));
  const auto samples = all(history);
  ASSERT_EQ(samples.size(), 1u);
  EXPECT_EQ(samples[0].time, kNow - minutes(30));
}

TEST(TunnelHistory, IsBoundedInTunnels) {
  TunnelHistory history;
  LiveTunnels many;
  for (std::size_t i = 0; i < TunnelHistory::kMaxTunnels + 3; ++i) {
    const Uuid id{static_cast<std::uint8_t>(i), static_cast<std::uint8_t>(i >> 8)};
    many[id] = {.id = id, .health = TunnelHealth::healthy, .uptime = {}, .connectors = {}};
  }
  history.sample(many, kNow);
  std::size_t kept = 0;
  for (const auto& [id, status] : many) kept += all(history, id).empty() ? 0 : 1;
  EXPECT_EQ(kept, TunnelHistory::kMaxTunnels);
}

}  // namespace
}  // namespace oneping::control
