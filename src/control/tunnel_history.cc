#include "control/tunnel_history.h"

#include <algorithm>

namespace oneping::control {

static_assert(sizeof(TunnelSample) <= 32);

namespace {

// Worse is smaller, but a tunnel that was never connected is not worse than one that is down.
edge::TunnelHealth worse(edge::TunnelHealth a, edge::TunnelHealth b) {
  return std::max(std::min(a, b), edge::TunnelHealth::down);
}

std::optional<TunnelSample::Rtt> short_of(const std::optional<Duration>& rtt) {
  if (!rtt) return std::nullopt;
  return std::chrono::duration_cast<TunnelSample::Rtt>(
      std::clamp(*rtt, Duration{}, Duration(std::chrono::hours(1))));
}

}  // namespace

// The clock may be set back, and must not keep samples away for long.
bool TunnelHistory::is_due(Timestamp now) const {
  const std::lock_guard lock(mutex_);
  return !last_ || now >= *last_ + kInterval || now < *last_;
}

void TunnelHistory::sample(const LiveTunnels& tunnels, Timestamp now) {
  const std::lock_guard lock(mutex_);
  if (last_ && now < *last_) {
    for (auto& [id, past] : tunnels_) past.samples.clear();  // their times mean nothing any more
  }
  last_ = now;
  for (const auto& [id, status] : tunnels) {
    if (status.health == edge::TunnelHealth::inactive) continue;
    if (tunnels_.size() >= kMaxTunnels && !tunnels_.contains(id)) continue;
    Past& past = tunnels_[id];
    past.samples.push_back({.time = now,
                            .status = worse(past.worst.value_or(status.health), status.health),
                            .connections = static_cast<std::uint32_t>(connections_of(status)),
                            .rtt = short_of(best_rtt(status)),
                            .loss = loss_since(past.sent, status)});
    past.worst.reset();
    if (past.samples.size() > kSamples) past.samples.pop_front();
  }
  // Who is not among them any more is deleted.
  std::erase_if(tunnels_, [&](const auto& entry) { return !tunnels.contains(entry.first); });
}

float TunnelHistory::loss_since(SentBy& before, const edge::TunnelStatus& status) {
  SentBy now;
  std::uint64_t sent = 0;
  std::uint64_t lost = 0;
  for (const auto& connector : status.connectors) {
    for (const auto& connection : connector.connections) {
      const std::pair key(connector.id, connection.index);
      const Sent& last = before[key];
      // Less than before: it is another connection in its place.
      const bool is_same = connection.datagrams_sent >= last.datagrams;
      sent += connection.datagrams_sent - (is_same ? last.datagrams : 0);
      lost += connection.datagrams_lost -
              (is_same ? std::min(last.lost, connection.datagrams_lost) : 0);
      now[key] = {connection.datagrams_sent, connection.datagrams_lost};
    }
  }
  before = std::move(now);
  if (sent == 0) return 0;
  return std::min(1.0F, static_cast<float>(lost) / static_cast<float>(sent));
}

void TunnelHistory::on_health(const Uuid& tunnel, edge::TunnelHealth health) {
  const std::lock_guard lock(mutex_);
  const auto found = tunnels_.find(tunnel);
  if (found == tunnels_.end()) return;
  Past& past = found->second;
  past.worst = past.worst ? worse(*past.worst, health) : health;
}

std::vector<TunnelSample> TunnelHistory::of(const Uuid& tunnel, Timestamp since) const {
  const std::lock_guard lock(mutex_);
  const auto found = tunnels_.find(tunnel);
  if (found == tunnels_.end()) return {};
  const auto& samples = found->second.samples;
  const auto first = std::lower_bound(
      samples.begin(), samples.end(), since,
      [](const TunnelSample& sample, Timestamp time) { return sample.time < time; });
  return {first, samples.end()};
}

}  // namespace oneping::control
