// An IPv4 packet with an ICMP message in the form in which Darwin's kernel hands it over: the
// emulation and tests make it of what was on the wire.
#pragma once

#include <algorithm>

#include "base/bytes.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping {

// Changes it in place. `packet` is a whole IPv4 packet with an ICMP header. The host order is that
// of both processors that Darwin runs on: the lowest byte first.
inline void to_darwin_form(MutableBytes packet) {
  const auto store_host_order = [](std::uint8_t* at, std::uint16_t value) {
    at[0] = static_cast<std::uint8_t>(value);
    at[1] = static_cast<std::uint8_t>(value >> 8);
  };
  const auto header_size = static_cast<std::uint16_t>(packet[0] % 16 * 4);
  store_host_order(&packet[2], static_cast<std::uint16_t>(load_be16(&packet[2]) - header_size));
  store_host_order(&packet[6], load_be16(&packet[6]));
  const MutableBytes icmp = packet.subspan(header_size);
  if (icmp_kind(IpFamily::v4, icmp[0]) != IcmpKind::error) return;
  const MutableBytes quote = icmp.subspan(kIcmpHeaderSize);
  if (quote.size() >= kIpv4HeaderSize) std::swap(quote[2], quote[3]);
}

}  // namespace oneping
