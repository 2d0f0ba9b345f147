#include "load_meter.h"

#include <algorithm>

namespace oneping::bench {

namespace {

constexpr std::size_t kMaxSamples = 1 << 22;

double in_microseconds(Duration duration) {
  return std::chrono::duration<double, std::micro>(duration).count();
}

// Nearest rank; reorders the samples.
double quantile_us(std::vector<Duration>& samples, double q) {
  if (samples.empty()) return 0;
  const auto rank = static_cast<std::ptrdiff_t>(q * static_cast<double>(samples.size() - 1));
  std::nth_element(samples.begin(), samples.begin() + rank, samples.end());
  return in_microseconds(samples[static_cast<std::size_t>(rank)]);
}

}  // namespace

LoadMeter::LoadMeter(const LoadOptions& options, Time start)
    : options_(options),
      start_(start),
      measure_from_(start + options.warm_up),
      measure_until_(options.requests > 0 ? kNever : measure_from_ + options.duration),
      sent_at_(kSlots, kNever),
      last_sent_(start) {
  round_trips_.reserve(kMaxSamples);
}

bool LoadMeter::is_sending(Time now) const {
  return now < measure_until_ && (options_.requests == 0 || measured_sent_ < options_.requests);
}

std::size_t LoadMeter::due(Time now) {
  give_up_overdue(now);
  if (!is_sending(now)) return 0;
  std::uint64_t limit = kSlots - (next_ - oldest_);
  if (options_.requests > 0) limit = std::min(limit, options_.requests - measured_sent_);
  if (options_.rate > 0) {
    if (now < next_due()) return 0;
    const double elapsed = std::chrono::duration<double>(now - start_).count();
    const auto target = static_cast<std::uint64_t>(elapsed * options_.rate) + 1;
    return target > next_ ? std::min(target - next_, limit) : 0;
  }
  return outstanding_ < options_.window ? std::min(options_.window - outstanding_, limit) : 0;
}

Time LoadMeter::next_due() const {
  if (options_.rate <= 0) return kNever;
  const double at = static_cast<double>(next_) / options_.rate;
  const auto exact = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(at));
  const Duration tick = std::max(options_.tick, Duration(1));
  return start_ + (exact + tick - Duration(1)) / tick * tick;
}

void LoadMeter::on_sent(Time now) {
  if (is_measuring(now)) {
    first_measured_ = std::min(first_measured_, next_);
    ++measured_sent_;
    last_sent_ = now;
  }
  sent_at(next_) = now;
  ++outstanding_;
  ++next_;
}

bool LoadMeter::on_reply(std::uint64_t number, Time now) {
  if (number < oldest_ || number >= next_ || sent_at(number) == kNever) return false;
  if (number >= first_measured_ && round_trips_.size() < kMaxSamples) {
    round_trips_.push_back(now - sent_at(number));
  }
  sent_at(number) = kNever;
  --outstanding_;
  ++answered_;
  return true;
}

void LoadMeter::give_up_overdue(Time now) {
  for (; oldest_ < next_; ++oldest_) {
    Time& sent = sent_at(oldest_);
    if (sent == kNever) continue;
    if (now - sent < options_.timeout) return;
    sent = kNever;
    --outstanding_;
    if (oldest_ >= first_measured_) ++lost_;
  }
}

bool LoadMeter::is_finished(Time now) {
  give_up_overdue(now);
  return !is_sending(now) && outstanding_ == 0;
}

LoadReport LoadMeter::report() {
  LoadReport report;
  report.sent = measured_sent_;
  report.lost = lost_;
  report.answered = answered_;
  report.received = measured_sent_ - lost_;
  report.seconds = std::chrono::duration<double>(last_sent_ - measure_from_).count();
  if (report.seconds > 0) {
    report.echo_per_s = static_cast<double>(report.received) / report.seconds;
  }
  report.rtt_us_p50 = quantile_us(round_trips_, 0.50);
  report.rtt_us_p99 = quantile_us(round_trips_, 0.99);
  report.rtt_us_p999 = quantile_us(round_trips_, 0.999);
  return report;
}

}  // namespace oneping::bench
