// The last probes of a hop, for mtr's graph: what each one took, lost, or not sent.
#pragma once

#include <array>
#include <cstdint>

#include "base/time.h"

namespace oneping::probe {

class ProbeHistory {
 public:
  static constexpr std::size_t kSize = 200;
  static constexpr int kNotSent = -2;
  static constexpr int kNoAnswer = -1;  // or none yet

  // Returns the probe's number.
  std::uint32_t add() {
    times_[sent_ % kSize] = kNoAnswer;
    return sent_++;
  }
  // One that is too long ago is no matter.
  void on_answer(std::uint32_t number, Duration round_trip) {
    if (sent_ - number > kSize) return;
    using std::chrono::microseconds;
    times_[number % kSize] =
        static_cast<int>(std::chrono::duration_cast<microseconds>(round_trip).count());
  }

  // Microseconds, kNoAnswer or kNotSent; `ago` 0 is the last one, at most kSize - 1.
  [[nodiscard]] int time(std::size_t ago) const {
    return ago < sent_ ? times_[(sent_ - 1 - ago) % kSize] : kNotSent;
  }

 private:
  std::array<int, kSize> times_{};
  std::uint32_t sent_ = 0;
};

}  // namespace oneping::probe
