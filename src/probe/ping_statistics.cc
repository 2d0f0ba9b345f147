#include "probe/ping_statistics.h"

#include <algorithm>
#include <chrono>
#include <limits>

namespace oneping::probe {

namespace {

// Newton's method in whole numbers.
std::int64_t square_root(std::int64_t value) {
  if (value <= 0) return 0;
  std::int64_t previous = std::numeric_limits<std::int64_t>::max();
  std::int64_t root = value;
  while (root < previous) {
    previous = root;
    root = (root + value / root) / 2;
  }
  return root;
}

}  // namespace

void PingStatistics::count_reply(bool is_duplicate, Duration round_trip) {
  const auto time = std::chrono::duration_cast<std::chrono::microseconds>(round_trip).count();
  const bool is_first = received_ + duplicates_ == 0;
  ++(is_duplicate ? duplicates_ : received_);
  shortest_ = is_first ? time : std::min(shortest_, time);
  longest_ = std::max(longest_, time);
  sum_ += static_cast<double>(time);
  sum_of_squares_ += static_cast<double>(time) * static_cast<double>(time);
  if (moving_average_times_8_ == 0) {
    moving_average_times_8_ = time * 8;
  } else {
    moving_average_times_8_ += time - moving_average_times_8_ / 8;
  }
}

void PingStatistics::note_in_flight(std::uint16_t sequence) {
  const auto behind = static_cast<std::uint16_t>(sent_ - sequence);
  if (behind <= 0x7fff) most_in_flight_ = std::max(most_in_flight_, behind + 1);
}

double PingStatistics::loss_percent() const {
  if (sent_ == 0) return 0;
  return static_cast<double>(sent_ - received_) * 100.0 / static_cast<double>(sent_);
}

PingStatistics::Microseconds PingStatistics::average() const {
  return static_cast<Microseconds>(sum_ / static_cast<double>(received_ + duplicates_));
}

PingStatistics::Microseconds PingStatistics::deviation() const {
  const auto total = static_cast<double>(received_ + duplicates_);
  // While the sum is small this order loses nothing to rounding; later the squares would overflow.
  const bool is_small = sum_ < std::numeric_limits<std::int32_t>::max();
  const auto mean = static_cast<double>(average());
  const double variance = is_small ? (sum_of_squares_ - sum_ * sum_ / total) / total
                                   : sum_of_squares_ / total - mean * mean;
  return square_root(static_cast<std::int64_t>(variance));
}

}  // namespace oneping::probe
