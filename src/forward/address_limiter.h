// How often something may happen for each address and in all: a token bucket for the addresses that
// hash together, and one for all. The hash is seeded and there are many buckets, so that nobody can
// learn from what he gets whether somebody else got some (CVE-2020-25705), nor pick whom to starve.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/token_bucket.h"
#include "wire/ip_address.h"

namespace oneping {

// Times a second; a burst may be as large as one second's worth.
struct AddressLimits {
  double per_address = 1000;
  double total = 20000;
};

class AddressLimiter {
 public:
  AddressLimiter(const AddressLimits& limits, Random& random)
      : seed_(random.next()),
        total_(limits.total, limits.total),
        addresses_(kBuckets, TokenBucket(limits.per_address, limits.per_address)) {}

  [[nodiscard]] bool allow(const IpAddress& address, Time now) {
    return addresses_[hash_of(address, seed_) % kBuckets].take(now) && total_.take(now);
  }

 private:
  static constexpr std::size_t kBuckets = 1024;
  std::uint64_t seed_;
  TokenBucket total_;
  std::vector<TokenBucket> addresses_;
};

}  // namespace oneping
