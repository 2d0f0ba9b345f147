// A connection's round trip as its user's packets see it. QUIC's own estimate begins with the
// handshake, whose round trips hold the time that signatures take, and forgets them slowly; this
// one begins when the handshake is done, and is smoothed in the same way.
//
// QUIC tells its estimate and not its samples, so a sample is found by undoing the last step:
// smoothed = 7/8 smoothed + 1/8 sample (RFC 9002, 5.3).
#pragma once

#include <algorithm>
#include <optional>
#include <utility>

#include "base/time.h"

namespace oneping::quic {

class RoundTrip {
 public:
  // After each packet: QUIC's estimate; nothing while it has no sample, as on a new path.
  void observe(std::optional<Duration> smoothed) {
    const auto before = std::exchange(quics_, smoothed);
    if (!smoothed) own_.reset();
    if (!smoothed || before == smoothed) return;
    const Duration sample =
        before ? std::max(Duration::zero(), *smoothed + kWeight * (*smoothed - *before))
               : *smoothed;
    own_ = own_ ? *own_ + (sample - *own_) / (kWeight + 1) : sample;
  }
  // The handshake is done.
  void begin() { own_.reset(); }

  // Nothing while it is not known.
  [[nodiscard]] std::optional<Duration> smoothed() const { return own_; }

 private:
  static constexpr int kWeight = 7;
  std::optional<Duration> quics_;
  std::optional<Duration> own_;
};

}  // namespace oneping::quic
