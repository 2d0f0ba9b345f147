// Limits the ICMP errors that a hop sends (RFC 1812, 4.3.2.8; RFC 4443, 2.4 (f)): a token bucket
// for the receivers that hash together, and one for all. The hash is seeded and there are many
// buckets, so that nobody can learn from his own errors whether somebody else got some
// (CVE-2020-25705).
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "base/token_bucket.h"
#include "wire/ip_address.h"

namespace oneping {

struct ErrorLimits {
  double per_receiver = 1000;  // errors a second; a burst may be as large as one second's worth
  double total = 20000;
};

class ErrorLimiter {
 public:
  ErrorLimiter(const ErrorLimits& limits, Random& random)
      : seed_(random.next()),
        total_(limits.total, limits.total),
        receivers_(kBuckets, TokenBucket(limits.per_receiver, limits.per_receiver)) {}

  [[nodiscard]] bool allow(const IpAddress& receiver, Time now) {
    return receivers_[hash_of(receiver, seed_) % kBuckets].take(now) && total_.take(now);
  }

 private:
  static constexpr std::size_t kBuckets = 1024;
  std::uint64_t seed_;
  TokenBucket total_;
  std::vector<TokenBucket> receivers_;
};

}  // namespace oneping
