// What mtr knows about the times of one hop. Everything is in whole microseconds and rounded at
// each step as mtr does it, so that the same answers give the same figures.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace oneping::probe {

class HopStatistics {
 public:
  using Microseconds = int;

  void count_sent();
  void count_answer(Duration round_trip);
  // The probe that is still on its way is lost.
  void give_up() { in_transit_ = false; }

  [[nodiscard]] int sent() const { return sent_; }
  [[nodiscard]] int received() const { return received_; }
  // Of what is no longer on its way.
  // The last one may still be answered.
  [[nodiscard]] bool is_in_transit() const { return in_transit_; }
  [[nodiscard]] int dropped() const { return settled() - received_; }
  // Thousandths of a percent.
  [[nodiscard]] int loss() const;
  // Whether the last probe but one was answered, or the last one is.
  [[nodiscard]] bool is_up() const { return up_; }

  [[nodiscard]] Microseconds last() const { return last_; }
  [[nodiscard]] Microseconds best() const { return best_; }
  [[nodiscard]] Microseconds worst() const { return worst_; }
  [[nodiscard]] Microseconds average() const { return average_; }
  [[nodiscard]] Microseconds geometric_mean() const { return geometric_mean_; }
  [[nodiscard]] Microseconds deviation() const;
  // The difference between the last two times; its average and its worst.
  [[nodiscard]] Microseconds jitter() const { return jitter_; }
  [[nodiscard]] Microseconds average_jitter() const { return average_jitter_; }
  [[nodiscard]] Microseconds worst_jitter() const { return worst_jitter_; }
  // RFC 1889, A.8, times 16 as mtr keeps it.
  [[nodiscard]] Microseconds interarrival_jitter() const { return interarrival_jitter_; }

 private:
  [[nodiscard]] int settled() const { return sent_ - (in_transit_ ? 1 : 0); }

  int sent_ = 0;
  int received_ = 0;
  bool in_transit_ = false;
  bool up_ = false;
  Microseconds last_ = 0;
  Microseconds best_ = 0;
  Microseconds worst_ = 0;
  Microseconds average_ = 0;
  Microseconds geometric_mean_ = 0;
  Microseconds jitter_ = 0;
  Microseconds average_jitter_ = 0;
  Microseconds worst_jitter_ = 0;
  Microseconds interarrival_jitter_ = 0;
  std::int64_t squared_differences_ = 0;
};

}  // namespace oneping::probe
