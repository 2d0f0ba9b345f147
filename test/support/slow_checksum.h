// The Internet checksum as RFC 1071, 1 describes it: 16-bit words, one at a time, the carry added
// back at once. Tests judge packets by it, so it shares nothing with wire/checksum.h.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"

namespace oneping::test {

[[nodiscard]] inline std::uint16_t slow_checksum(Bytes bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const std::uint32_t low = i + 1 < bytes.size() ? bytes[i + 1] : 0;
    sum += std::uint32_t{bytes[i]} * 256 + low;
    if (sum > 0xffff) sum -= 0xffff;
  }
  return static_cast<std::uint16_t>(0xffff - sum);
}

// Of an ICMP message; for ICMPv6 the addresses' 16 bytes each stand in front of it (RFC 8200, 8.1).
[[nodiscard]] inline std::uint16_t slow_icmpv6_checksum(Bytes source, Bytes destination,
                                                        std::uint8_t next_header, Bytes message) {
  std::vector<std::uint8_t> covered(source.begin(), source.end());
  covered.insert(covered.end(), destination.begin(), destination.end());
  const std::size_t length = message.size();
  for (int shift : {24, 16, 8, 0}) covered.push_back(static_cast<std::uint8_t>(length >> shift));
  covered.insert(covered.end(), {0, 0, 0, next_header});
  covered.insert(covered.end(), message.begin(), message.end());
  return slow_checksum(covered);
}

// Whether the checksums of a whole ICMP packet without extension headers are right.
[[nodiscard]] inline bool icmp_packet_checksums_right(Bytes packet) {
  if (packet[0] >> 4 == 4) {
    const std::size_t header = std::size_t{packet[0]} % 16 * 4;
    return slow_checksum(packet.first(header)) == 0 && slow_checksum(packet.subspan(header)) == 0;
  }
  return slow_icmpv6_checksum(packet.subspan(8, 16), packet.subspan(24, 16), 58,
                              packet.subspan(40)) == 0;
}

}  // namespace oneping::test
