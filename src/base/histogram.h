// How long something took, counted in fixed buckets: for metrics. Every method from any thread.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace oneping {

class LatencyHistogram {
 public:
  // Upper bounds in seconds, each included in its bucket; one more bucket has none.
  static constexpr std::array kBounds{0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                      0.05,   0.1,     0.25,   0.5,   1.0,    2.5,   5.0};

  struct Counts {
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};  // not cumulated
    double sum = 0;                                           // seconds
  };

  void record(Duration latency) {
    const double seconds = std::chrono::duration<double>(latency).count();
    const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
    buckets_[static_cast<std::size_t>(bound - kBounds.begin())].fetch_add(1);
    nanoseconds_.fetch_add(static_cast<std::uint64_t>(std::max<std::int64_t>(0, latency.count())));
  }

  [[nodiscard]] Counts counts() const {
    Counts counts;
    for (std::size_t i = 0; i < buckets_.size(); ++i) counts.buckets[i] = buckets_[i].load();
    counts.sum = static_cast<double>(nanoseconds_.load()) * 1e-9;
    return counts;
  }

 private:
  std::array<std::atomic<std::uint64_t>, kBounds.size() + 1> buckets_{};
  std::atomic<std::uint64_t> nanoseconds_{0};
};

}  // namespace oneping
