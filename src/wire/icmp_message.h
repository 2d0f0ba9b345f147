// What the makers of ICMP packets share; nobody else needs it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/packet.h"
#include "wire/ip.h"

namespace oneping::icmp_message {

// The largest error (RFC 1812, 4.3.2.3; RFC 4443, 2.4 (c)).
inline constexpr std::size_t kMaxErrorSizeV4 = 576;
[[nodiscard]] constexpr std::size_t max_error_size(IpFamily family) {
  return family == IpFamily::v4 ? kMaxErrorSizeV4 : kIpv6MinMtu;
}

// A packet with its IP header written (`header.protocol` is set here), and behind it `icmp_size`
// bytes of ICMP whose header is zero but for type and code.
[[nodiscard]] std::optional<Packet> start(PacketPool& pool, IpHeader& header, std::uint8_t type,
                                          std::uint8_t code, std::size_t icmp_size);

// Fills in the checksum of the ICMP message at `icmp`, whose field is zero.
void set_checksum(const IpHeader& header, MutableBytes icmp);

void copy_bytes(Bytes from, std::uint8_t* to);

}  // namespace oneping::icmp_message
