// What the answers of both proxies have in common, echo and UDP.
#pragma once

#include <cstdint>
#include <optional>

#include "wire/ip.h"

namespace oneping {

// The IP header of a reply with so many bytes behind it. Routers may send it in pieces, so it needs
// an identity (RFC 6864, 4.2). Of an IPv6 one only its source may: for what is larger than every
// link carries, we stand in for it.
[[nodiscard]] inline IpHeader reply_header(const IpAddress& source, const IpAddress& client,
                                           std::size_t size, std::uint32_t identification) {
  const bool v4 = client.is_v4();
  const bool is_large_v6 = !v4 && kIpv6HeaderSize + size > kIpv6MinMtu;
  return {.source = source,
          .destination = client,
          .dont_fragment = false,
          .label = v4 ? identification & 0xffff : 0u,
          .fragment_id = is_large_v6 ? std::optional(identification) : std::nullopt};
}

// A router quotes a packet as it came in. The system does not tell the quoted hop limit: when it
// ran out it was 1, else it was no more than what had left here.
[[nodiscard]] inline std::uint8_t quoted_hop_limit(IpFamily family, std::uint8_t type,
                                                   std::uint8_t code, std::uint8_t sent) {
  const bool ran_out = code == 0 && type == (family == IpFamily::v4 ? 11 : 3);
  return ran_out ? 1 : sent;
}

}  // namespace oneping
