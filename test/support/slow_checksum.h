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

// Of a message with the pseudo-header of its protocol in front of it (RFC 8200, 8.1). With IPv4's
// addresses it comes to the same as RFC 768's.
[[nodiscard]] inline std::uint16_t slow_pseudo_checksum(Bytes source, Bytes destination,
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
  return slow_pseudo_checksum(packet.subspan(8, 16), packet.subspan(24, 16), 58,
                              packet.subspan(40)) == 0;
}

// Whether the checksums of a whole UDP packet are right, and there. Of extension headers it may
// have a fragment header alone.
[[nodiscard]] inline bool udp_packet_checksums_right(Bytes packet) {
  const bool v4 = packet[0] >> 4 == 4;
  const std::size_t header = v4 ? std::size_t{packet[0]} % 16 * 4 : packet[6] == 44 ? 48 : 40;
  const std::size_t size = v4 ? 4 : 16;
  const Bytes udp = packet.subspan(header);
  if (v4 && slow_checksum(packet.first(header)) != 0) return false;
  if (udp[6] == 0 && udp[7] == 0) return false;
  return slow_pseudo_checksum(packet.subspan(v4 ? 12 : 8, size), packet.subspan(v4 ? 16 : 24, size),
                              17, udp) == 0;
}

}  // namespace oneping::test
