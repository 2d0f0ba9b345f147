// The Internet checksum (RFC 1071), and its repair after a change of a field (RFC 1624).
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "wire/ip_address.h"

namespace oneping {

// One's complement sum of 16-bit words, not folded and not inverted. Sums of pieces add up as long
// as each piece but the last has an even length.
[[nodiscard]] std::uint64_t checksum_add(Bytes bytes, std::uint64_t sum = 0);

// Folds and inverts: the value for the checksum field. Over data that holds a right checksum: 0.
[[nodiscard]] std::uint16_t checksum_finish(std::uint64_t sum);

[[nodiscard]] inline std::uint16_t checksum(Bytes bytes) {
  return checksum_finish(checksum_add(bytes));
}

// The sum of the pseudo-header of a protocol over IP (RFC 768; RFC 8200, 8.1). `length`: bytes from
// that protocol's header on. Both addresses are of one family.
[[nodiscard]] std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                              std::uint8_t protocol, std::size_t length);

// Of ICMPv6 (RFC 4443, 2.3); ICMP over IPv4 has none.
[[nodiscard]] std::uint64_t icmpv6_pseudo_header_sum(const IpAddress& source,
                                                     const IpAddress& destination,
                                                     std::size_t length);

// The checksum after one 16-bit word that it covers went from `before` to `after` (RFC 1624, 3).
[[nodiscard]] constexpr std::uint16_t checksum_adjust(std::uint16_t checksum, std::uint16_t before,
                                                      std::uint16_t after) {
  std::uint32_t sum = static_cast<std::uint16_t>(~checksum);
  sum += static_cast<std::uint16_t>(~before);
  sum += after;
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  return static_cast<std::uint16_t>(~sum);
}

}  // namespace oneping
