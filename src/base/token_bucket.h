// A token bucket: `rate` tokens a second, at most `burst` saved up. Starts full.
#pragma once

#include <algorithm>

#include "base/time.h"

namespace oneping {

class TokenBucket {
 public:
  TokenBucket() = default;
  TokenBucket(double rate, double burst) : rate_(rate), burst_(burst), tokens_(burst) {}

  // True, and one token less, if there is one.
  [[nodiscard]] bool take(Time now) {
    if (now > last_) {
      const double seconds = std::chrono::duration<double>(now - last_).count();
      tokens_ = std::min(burst_, tokens_ + seconds * rate_);
      last_ = now;
    }
    if (tokens_ < 1.0) return false;
    tokens_ -= 1.0;
    return true;
  }

 private:
  double rate_ = 0;
  double burst_ = 0;
  double tokens_ = 0;
  Time last_{};
};

}  // namespace oneping
