// What the system did not take, kept until the turn's end, when the proxy may be told: in the midst
// of a send it is not to be disturbed. Of the payload as much is kept as an ICMP error quotes.
// Bounded; memory grows to the bound and stays.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace oneping {

// Failure has a `payload`; Id says whose it is.
template <typename Id, typename Failure>
class SendFailures {
 public:
  static constexpr std::size_t kMax = 256;

  // False if there is no room.
  [[nodiscard]] bool add(const Id& id, const Failure& failure) {
    if (size_ == kMax) return false;
    if (size_ == kept_.size()) kept_.emplace_back();
    Kept& kept = kept_[size_++];
    kept.id = id;
    kept.failure = failure;
    kept.payload_size = std::min(failure.payload.size(), kept.payload.size());
    std::copy_n(failure.payload.begin(), kept.payload_size, kept.payload.begin());
    return true;
  }

  // Calls visit(id, failure) for each, and forgets them.
  template <typename Visit>
  void take_all(Visit visit) {
    for (std::size_t i = 0; i < size_; ++i) {
      kept_[i].failure.payload = Bytes(kept_[i].payload).first(kept_[i].payload_size);
      visit(kept_[i].id, kept_[i].failure);
    }
    size_ = 0;
  }

  // Calls visit(failure) for each of that id, and forgets them.
  template <typename Visit>
  void take(const Id& id, Visit visit) {
    std::size_t left = 0;
    for (std::size_t i = 0; i < size_; ++i) {
      if (kept_[i].id == id) {
        visit(kept_[i].failure);
      } else {
        std::swap(kept_[left++], kept_[i]);
      }
    }
    size_ = left;
  }

 private:
  struct Kept {
    Id id{};
    Failure failure{};
    std::size_t payload_size = 0;
    std::array<std::uint8_t, 1184> payload{};  // RFC 4443, 2.4 (c): 1280 less twice the headers
  };
  std::vector<Kept> kept_;
  std::size_t size_ = 0;
};

}  // namespace oneping
