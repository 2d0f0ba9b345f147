// Says when the next request is due and keeps the score: replies a second, losses, round trips.
//
// Requests are numbered from 0 in the order of sending. A run is a warm-up, whose requests are not
// scored, then the measured period, then at most `timeout` of waiting for the last replies. It is
// pure: the caller sends and receives, and reads the clock.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.h"

namespace oneping::bench {

struct LoadOptions {
  // A closed loop: so many requests are outstanding at any time.
  std::size_t window = 64;
  // Over zero: an open loop instead, so many requests a second, whatever comes back.
  double rate = 0;
  // Over zero: the open loop sends once in so long what has become due, in one go.
  Duration tick{};
  Duration warm_up = std::chrono::milliseconds(300);
  Duration duration = std::chrono::seconds(2);
  // Without a reply for so long, a request is lost.
  Duration timeout = std::chrono::seconds(1);
  // Over zero: the measured period ends when so many requests were sent.
  std::uint64_t requests = 0;
};

struct LoadReport {
  double seconds = 0;          // the measured period
  std::uint64_t sent = 0;      // in the measured period
  std::uint64_t received = 0;  // replies to those
  std::uint64_t lost = 0;
  std::uint64_t answered = 0;  // replies in the whole run, warm-up included
  double echo_per_s = 0;
  double rtt_us_p50 = 0;
  double rtt_us_p99 = 0;
  double rtt_us_p999 = 0;
};

class LoadMeter {
 public:
  LoadMeter(const LoadOptions& options, Time start);

  // How many requests may be sent now; 0 when the run's sending is over.
  [[nodiscard]] std::size_t due(Time now);
  // When due() is next above 0 without a reply; kNever if only a reply changes it.
  [[nodiscard]] Time next_due() const;
  // The number of the request that is sent next.
  [[nodiscard]] std::uint64_t next_number() const { return next_; }
  // Counts it as sent.
  void on_sent(Time now);
  // False: no request of that number is outstanding (a duplicate, or long given up).
  bool on_reply(std::uint64_t number, Time now);

  // All sent, and each answered or given up. Gives up what is overdue.
  [[nodiscard]] bool is_finished(Time now);
  [[nodiscard]] std::size_t outstanding() const { return outstanding_; }
  // The measured period has begun: the moment to note the CPU time used so far.
  [[nodiscard]] bool is_measuring(Time now) const { return now >= measure_from_; }

  // Call when finished.
  [[nodiscard]] LoadReport report();

 private:
  [[nodiscard]] bool is_sending(Time now) const;

  static constexpr std::size_t kSlots = 1 << 20;  // a bound on what is outstanding

  void give_up_overdue(Time now);
  Time& sent_at(std::uint64_t number) { return sent_at_[number % kSlots]; }

  LoadOptions options_;
  Time start_;
  Time measure_from_;
  Time measure_until_;
  std::vector<Time> sent_at_;  // by number; kNever: answered or given up
  std::uint64_t next_ = 0;
  std::uint64_t oldest_ = 0;  // all below are answered or given up
  std::uint64_t first_measured_ = UINT64_MAX;
  std::size_t outstanding_ = 0;
  std::uint64_t measured_sent_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t answered_ = 0;
  Time last_sent_;
  std::vector<Duration> round_trips_;
};

}  // namespace oneping::bench
