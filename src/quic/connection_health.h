// Tells early that the far end of a connection has gone, so that another one is used long before
// QUIC's idle timeout ends it: when a connector or an edge is killed and started again, the new one
// is used at once although the old connection still looks open.
//
// A connection is suspect when datagrams have left for kSilence and nothing came back, for a
// datagram is acknowledged at once; or when nothing at all was heard for kStale, for both ends send
// keep-alives every second. Anything heard clears it. Fed with the connection's counts several
// times a second.
#pragma once

#include <cstdint>
#include <optional>

#include "base/time.h"
#include "quic/connection.h"

namespace oneping::quic {

class ConnectionHealth {
 public:
  // Longer than an acknowledgement can take: the delay that a receiver may add (RFC 9000, 13.2.1:
  // 25 ms), and a few round trips on top.
  static constexpr Duration kSilence = std::chrono::milliseconds(400);
  // A keep-alive and a half, and a few round trips on top.
  static constexpr Duration kStale = std::chrono::milliseconds(1500);

  // `datagrams_sent`: how many have left in a QUIC packet so far.
  void observe(const ConnectionStats& stats, std::uint64_t datagrams_sent, Time now) {
    if (!heard_at_ || stats.packets_received != received_) {
      received_ = stats.packets_received;
      sent_ = datagrams_sent;
      heard_at_ = now;
      unanswered_since_.reset();
    } else if (datagrams_sent != sent_ && !unanswered_since_) {
      unanswered_since_ = now;
    }
    const Duration slack = 3 * stats.smoothed_rtt;
    suspect_ = (unanswered_since_ && now - *unanswered_since_ > kSilence + slack) ||
               now - *heard_at_ > kStale + slack;
  }

  [[nodiscard]] bool is_suspect() const { return suspect_; }

 private:
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  std::optional<Time> heard_at_;
  std::optional<Time> unanswered_since_;
  bool suspect_ = false;
};

}  // namespace oneping::quic
