// Tells early that the far end of a connection has gone, so that its flows move to another one long
// before QUIC's idle timeout ends it: when a connector is killed and started again, the new one is
// used at once although the old connection still looks open.
//
// A connection is suspect when we have sent for kSilence and heard nothing. Anything heard clears
// it. Fed with the counts of QUIC packets at every tick of the edge.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "quic/connection.h"

namespace oneping::edge {

class ConnectionHealth {
 public:
  // Longer than an acknowledgement can take: the delay that a receiver may add (RFC 9000, 13.2.1:
  // 25 ms), and a few round trips.
  static constexpr Duration kSilence = std::chrono::milliseconds(400);

  void observe(const quic::ConnectionStats& stats, Time now) {
    if (stats.packets_received != received_) {
      received_ = stats.packets_received;
      sent_ = stats.packets_sent;
      unanswered_since_.reset();
    } else if (stats.packets_sent != sent_ && !unanswered_since_) {
      unanswered_since_ = now;
    }
    suspect_ = unanswered_since_ && now - *unanswered_since_ > kSilence + 3 * stats.smoothed_rtt;
  }

  [[nodiscard]] bool is_suspect() const { return suspect_; }

 private:
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  std::optional<Time> unanswered_since_;
  bool suspect_ = false;
};

}  // namespace oneping::edge
