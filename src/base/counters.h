// Counts what became of every packet that entered a stage (a forwarder, a link, a proxy).
// Invariant at every quiet moment: in == forwarded + answered + dropped + held.
#pragma once

#include <array>
#include <cstdint>
#include <numeric>
#include <optional>

#include "base/drop_reason.h"

namespace oneping {

class StageCounters {
 public:
  using ByReason = std::array<std::uint64_t, kDropReasons>;

  void count_in() { ++in_; }
  // What became of one packet, or of `pieces` that made one.
  void count_forwarded(std::uint64_t pieces = 1) { forwarded_ += pieces; }
  // The sender got an ICMP error that says why.
  void count_answered(DropReason why, std::uint64_t pieces = 1) { answered_[index(why)] += pieces; }
  // The sender got nothing.
  void count_dropped(DropReason why, std::uint64_t pieces = 1) { dropped_[index(why)] += pieces; }

  // Forwarded, or dropped for that reason.
  void count_outcome(const std::optional<DropReason>& refusal) {
    if (refusal) {
      count_dropped(*refusal);
    } else {
      count_forwarded();
    }
  }

  [[nodiscard]] std::uint64_t in() const { return in_; }
  [[nodiscard]] std::uint64_t forwarded() const { return forwarded_; }
  [[nodiscard]] std::uint64_t answered(DropReason why) const { return answered_[index(why)]; }
  [[nodiscard]] std::uint64_t dropped(DropReason why) const { return dropped_[index(why)]; }
  [[nodiscard]] std::uint64_t answered() const { return sum(answered_); }
  [[nodiscard]] std::uint64_t dropped() const { return sum(dropped_); }

  // Packets that are inside the stage now (in a queue). Zero for a stage without one.
  [[nodiscard]] std::uint64_t held() const { return in_ - forwarded_ - answered() - dropped(); }

 private:
  static constexpr std::size_t index(DropReason why) { return static_cast<std::size_t>(why); }
  static std::uint64_t sum(const ByReason& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
  }

  std::uint64_t in_ = 0;
  std::uint64_t forwarded_ = 0;
  ByReason answered_{};
  ByReason dropped_{};
};

// What went through a stage in one direction. Bytes are those of whole IP packets.
struct TrafficCounters {
  StageCounters packets;
  std::uint64_t bytes_received = 0;
  std::uint64_t bytes_forwarded = 0;
};

}  // namespace oneping
