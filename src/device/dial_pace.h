// When to dial the edge again, and how long to wait for its answer.
//
// Back-off runs from the end of a connection to the next dial. There is none if the edge may well
// take us at once (it was restarted, it said goodbye) and that was not tried a moment ago; and a
// long one where waiting alone will not help.
// Patience runs from a dial to the proof of both ends. It is short for a while after a session was
// lost: an edge that is being restarted loses hellos, and QUIC repeats them ever more slowly.
#pragma once

#include <algorithm>
#include <optional>

#include "base/backoff.h"
#include "device/trouble.h"

namespace oneping::device {

class DialPace {
 public:
  static constexpr Duration kPatience = std::chrono::seconds(5);
  static constexpr Duration kHastyPatience = std::chrono::seconds(1);
  static constexpr Duration kHastyPause = std::chrono::milliseconds(500);
  static constexpr Duration kHaste = std::chrono::seconds(30);
  static constexpr Duration kSolid = std::chrono::seconds(5);
  static constexpr Duration kLastingPause = std::chrono::seconds(60);
  static constexpr Duration kBetweenDialsAtOnce = std::chrono::seconds(5);

  void on_up(Time now) { up_since_ = now; }
  // A session that was up is no longer. `round_trip`: of its path.
  void on_lost(Duration round_trip, Time now) {
    // An edge that takes everybody in and throws him out again is no reason to hurry.
    if (!was_solid(now)) return;
    backoff_.reset();
    hasty_until_ = now + kHaste;
    // Two round trips make a handshake, and one packet may be late.
    hasty_patience_ = std::clamp(4 * round_trip, kHastyPatience, kPatience);
  }

  // From the end of an attempt or a session to the next attempt.
  [[nodiscard]] Duration pause_after(Trouble trouble, Time now, Random& random) {
    if (is_lasting(trouble)) return kLastingPause;
    const bool was_tried = at_once_ && now - *at_once_ < kBetweenDialsAtOnce;
    if (is_passing(trouble) && !was_tried && was_solid(now)) {
      at_once_ = now;
      return Duration::zero();
    }
    const Duration pause = backoff_.next(random);
    return is_hasty(now) ? std::min(pause, kHastyPause) : pause;
  }
  [[nodiscard]] Duration patience(Time now) const {
    return is_hasty(now) ? hasty_patience_ : kPatience;
  }

 private:
  [[nodiscard]] bool was_solid(Time now) const { return up_since_ && now - *up_since_ >= kSolid; }
  [[nodiscard]] bool is_hasty(Time now) const { return hasty_until_ && now < *hasty_until_; }

  Backoff backoff_;
  std::optional<Time> up_since_;
  std::optional<Time> hasty_until_;
  Duration hasty_patience_ = kHastyPatience;
  std::optional<Time> at_once_;  // the last one without a pause
};

}  // namespace oneping::device
