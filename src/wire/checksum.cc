#include "wire/checksum.h"

#include <bit>
#include <cstring>

namespace oneping {

// Adds 32 bits at a time in host order: the sum's bytes come out swapped on a little-endian host,
// which checksum_finish puts right (RFC 1071, 2 (B): byte order independence).
std::uint64_t checksum_add(Bytes bytes, std::uint64_t sum) {
  const std::uint8_t* p = bytes.data();
  std::size_t n = bytes.size();
  for (; n >= 4; n -= 4, p += 4) {
    std::uint32_t word;
    std::memcpy(&word, p, 4);
    sum += word;
  }
  if (n > 0) {
    std::uint8_t rest[4] = {};
    std::memcpy(rest, p, n);
    std::uint32_t word;
    std::memcpy(&word, rest, 4);
    sum += word;
  }
  return sum;
}

std::uint16_t checksum_finish(std::uint64_t sum) {
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffffffff) + (sum >> 32);
  sum = (sum & 0xffff) + (sum >> 16);
  sum = (sum & 0xffff) + (sum >> 16);
  auto folded = static_cast<std::uint16_t>(sum);
  if constexpr (std::endian::native == std::endian::little) {
    folded = static_cast<std::uint16_t>(folded << 8 | folded >> 8);
  }
  return static_cast<std::uint16_t>(~folded);
}

// IPv4's has the same numbers in other places, which a sum does not see.
std::uint64_t pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                std::uint8_t protocol, std::size_t length) {
  std::uint8_t tail[8] = {};
  store_be32(tail, static_cast<std::uint32_t>(length));
  tail[7] = protocol;
  return checksum_add(
      tail, checksum_add(destination.network_bytes(), checksum_add(source.network_bytes())));
}

std::uint64_t icmpv6_pseudo_header_sum(const IpAddress& source, const IpAddress& destination,
                                       std::size_t length) {
  constexpr std::uint8_t kIcmpv6 = 58;
  return pseudo_header_sum(source, destination, kIcmpv6, length);
}

}  // namespace oneping
