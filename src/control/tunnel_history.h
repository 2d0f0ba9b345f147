// How tunnels were over the last day: a sample a minute of each. In memory, bounded, and gone with
// the program. Every method from any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "control/model.h"
#include "control/tunnel_state.h"

namespace oneping::control {

struct TunnelSample {
  using Rtt = std::chrono::duration<std::uint32_t, std::micro>;  // half of a Duration's size

  Timestamp time;                                            // its end
  edge::TunnelHealth status = edge::TunnelHealth::inactive;  // the worst of the minute
  std::uint32_t connections = 0;
  std::optional<Rtt> rtt;  // the best of its connections
  float loss = 0;          // 0 to 1, of what the edge sent since the sample before
};

class TunnelHistory {
 public:
  static constexpr std::chrono::minutes kInterval{1};
  static constexpr std::size_t kSamples = 24 * 60;  // of one tunnel; the oldest makes room
  // Samples take 32 bytes: 46 MB if so many tunnels are connected. Others have no history.
  static constexpr std::size_t kMaxTunnels = 1000;

  // Is a sample due?
  [[nodiscard]] bool is_due(Timestamp now) const;
  // Takes it. Of a tunnel that was never connected there is none; one that is deleted is forgotten
  // with the samples of its last day.
  void sample(const LiveTunnels& tunnels, Timestamp now);
  // Between two samples, so that a short trouble is seen too.
  void on_health(const Uuid& tunnel, edge::TunnelHealth health);

  // From `since` on, the oldest first.
  [[nodiscard]] std::vector<TunnelSample> of(const Uuid& tunnel, Timestamp since) const;

 private:
  // What a connection had sent and lost at the last sample.
  struct Sent {
    std::uint64_t datagrams = 0;
    std::uint64_t lost = 0;
  };
  using SentBy = std::map<std::pair<Uuid, std::uint8_t>, Sent>;  // by connector and index
  struct Past {
    std::deque<TunnelSample> samples;
    std::optional<edge::TunnelHealth> worst;  // since the last sample
    SentBy sent;
  };

  [[nodiscard]] static float loss_since(SentBy& before, const edge::TunnelStatus& status);

  mutable std::mutex mutex_;
  std::map<Uuid, Past> tunnels_;
  std::optional<Timestamp> last_;
};

}  // namespace oneping::control
