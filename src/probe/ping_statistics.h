// What ping says at the end, computed as iputils does it: in whole microseconds, duplicates
// included in the times but not in the loss.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace oneping::probe {

class PingStatistics {
 public:
  using Microseconds = std::int64_t;

  void count_sent() { ++sent_; }
  void count_reply(bool is_duplicate, Duration round_trip);
  // An ICMP error, or a probe that was too big to leave.
  void count_error() { ++errors_; }
  // How many probes were on their way when the answer to the probe of this sequence came.
  void note_in_flight(std::uint16_t sequence);

  [[nodiscard]] std::uint64_t sent() const { return sent_; }
  [[nodiscard]] std::uint64_t received() const { return received_; }
  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t errors() const { return errors_; }
  // Of what was sent, 0 if nothing was.
  [[nodiscard]] double loss_percent() const;
  // The most that were on their way at once; 0 before any answer.
  [[nodiscard]] int most_in_flight() const { return most_in_flight_; }

  // Of received() > 0.
  [[nodiscard]] Microseconds shortest() const { return shortest_; }
  [[nodiscard]] Microseconds longest() const { return longest_; }
  [[nodiscard]] Microseconds average() const;
  [[nodiscard]] Microseconds deviation() const;
  // Exponentially weighted moving average: each reply counts an eighth.
  [[nodiscard]] Microseconds moving_average() const { return moving_average_times_8_ / 8; }

 private:
  std::uint64_t sent_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t errors_ = 0;
  int most_in_flight_ = 0;
  Microseconds shortest_ = 0;
  Microseconds longest_ = 0;
  Microseconds moving_average_times_8_ = 0;
  double sum_ = 0;
  double sum_of_squares_ = 0;
};

}  // namespace oneping::probe
