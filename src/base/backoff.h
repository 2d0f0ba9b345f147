// How long to wait before the next try: random in [0, limit), where the limit doubles with every
// failure from kFirst up to kLast. Random, so that a thousand peers that lost one edge do not all
// come back in the same moment.
#pragma once

#include <algorithm>

#include "base/random.h"
#include "base/time.h"

namespace oneping {

class Backoff {
 public:
  static constexpr Duration kFirst = std::chrono::milliseconds(500);
  static constexpr Duration kLast = std::chrono::seconds(8);

  [[nodiscard]] Duration next(Random& random) {
    const auto limit = limit_;
    limit_ = std::min(limit_ * 2, kLast);
    return Duration(
        static_cast<Duration::rep>(random.below(static_cast<std::uint64_t>(limit.count()))));
  }
  void reset() { limit_ = kFirst; }

 private:
  Duration limit_ = kFirst;
};

}  // namespace oneping
