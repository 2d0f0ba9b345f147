#include "probe/hop_statistics.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <limits>

namespace oneping::probe {

namespace {

// Half an hour and more is cut off.
int microseconds(Duration duration) {
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
  return static_cast<int>(std::clamp<std::int64_t>(time, 0, std::numeric_limits<int>::max()));
}

}  // namespace

void HopStatistics::count_sent() {
  if (in_transit_) up_ = false;
  in_transit_ = true;
  ++sent_;
}

void HopStatistics::count_answer(Duration round_trip) {
  const int time = microseconds(round_trip);
  jitter_ = std::abs(time - last_);
  last_ = time;
  if (received_ == 0) {
    best_ = worst_ = geometric_mean_ = time;
    jitter_ = 0;
  }
  best_ = std::min(best_, time);
  worst_ = std::max(worst_, time);
  worst_jitter_ = std::max(worst_jitter_, jitter_);

  ++received_;
  const int before = average_;
  average_ = static_cast<int>(average_ + static_cast<double>(time - before) / received_);
  squared_differences_ = static_cast<std::int64_t>(static_cast<double>(squared_differences_) +
                                                   static_cast<double>(time - before) *
                                                       static_cast<double>(time - average_));
  average_jitter_ += (jitter_ - average_jitter_) / received_;
  // Wide, as the sum of a few worst jitters is more than an int holds.
  interarrival_jitter_ =
      static_cast<int>(std::min<std::int64_t>(interarrival_jitter_ + std::int64_t{jitter_} -
                                                  ((std::int64_t{interarrival_jitter_} + 8) >> 4),
                                              std::numeric_limits<int>::max()));
  if (received_ > 1) {
    geometric_mean_ = static_cast<int>(std::pow(geometric_mean_, (received_ - 1.0) / received_) *
                                       std::pow(time, 1.0 / received_));
  }
  in_transit_ = false;
  up_ = true;
}

int HopStatistics::loss() const {
  if (settled() == 0) return 0;
  return static_cast<int>(1000 * (100 - 100.0 * received_ / settled()));
}

int HopStatistics::deviation() const {
  if (received_ < 2) return 0;
  return static_cast<int>(std::sqrt(static_cast<double>(squared_differences_) / (received_ - 1.0)));
}

}  // namespace oneping::probe
