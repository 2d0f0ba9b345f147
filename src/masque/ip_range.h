// Ranges of addresses, as CONNECT-IP advertises routes (RFC 9484, 4.7.3), and prefixes, as
// everybody else writes them.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "wire/ip_address.h"

namespace oneping::masque {

struct IpRange {
  IpAddress first;
  IpAddress last;             // inclusive; of the same family
  std::uint8_t protocol = 0;  // 0: all
  [[nodiscard]] IpFamily family() const { return first.family(); }
  friend bool operator==(const IpRange&, const IpRange&) = default;
};

// May `a` stand before `b` in an advertisement?
[[nodiscard]] bool precedes(const IpRange& a, const IpRange& b);

// The addresses of `prefixes` as the fewest ranges, in an advertisement's order.
[[nodiscard]] std::vector<IpRange> ranges_of(std::span<const Prefix> prefixes);

// The addresses of `ranges` as the fewest prefixes for each range. Ranges for one protocol alone
// are left out: a routing table knows no protocols.
[[nodiscard]] std::vector<Prefix> prefixes_of(std::span<const IpRange> ranges);

}  // namespace oneping::masque
