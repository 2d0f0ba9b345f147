// Requests that the system did not take, kept until the turn's end, when the proxy may be told: in
// the midst of a send it is not to be disturbed. Of the payload as much is kept as an ICMP error
// quotes. Bounded; memory grows to the bound and stays.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "proxy/echo_backend.h"

namespace oneping {

class EchoFailures {
 public:
  static constexpr std::size_t kMax = 256;

  // False if there is no room.
  [[nodiscard]] bool add(const EchoSlot& slot, const EchoFailure& failure) {
    if (size_ == kMax) return false;
    if (size_ == kept_.size()) kept_.emplace_back();
    Kept& kept = kept_[size_++];
    kept.slot = slot;
    kept.failure = failure;
    kept.payload_size = std::min(failure.payload.size(), kept.payload.size());
    std::copy_n(failure.payload.begin(), kept.payload_size, kept.payload.begin());
    return true;
  }

  // Calls visit(slot, failure) for each, and forgets them.
  template <typename Visit>
  void take_all(Visit visit) {
    for (std::size_t i = 0; i < size_; ++i) {
      kept_[i].failure.payload = Bytes(kept_[i].payload).first(kept_[i].payload_size);
      visit(kept_[i].slot, kept_[i].failure);
    }
    size_ = 0;
  }

 private:
  struct Kept {
    EchoSlot slot{};
    EchoFailure failure{};
    std::size_t payload_size = 0;
    std::array<std::uint8_t, 1184> payload{};  // RFC 4443, 2.4 (c): 1280 less twice the headers
  };
  std::vector<Kept> kept_;
  std::size_t size_ = 0;
};

}  // namespace oneping
