// What every ICMP error that a proxy makes must be: a sound packet to one of a target's two
// clients, about a packet that this client has sent.
#pragma once

#include "base/packet.h"
#include "fuzz/require.h"
#include "test/support/slow_checksum.h"
#include "wire/icmp.h"
#include "wire/ip.h"

namespace oneping {

inline bool is_fuzz_client(const IpAddress& address) {
  return address == *IpAddress::parse("100.96.0.1") || address == *IpAddress::parse("fd00:96::1");
}

// The packet that it quotes.
inline IpView quote_of_error_to_client(const Packet& packet) {
  require(test::icmp_packet_checksums_right(packet.bytes()));
  const auto ip = IpView::parse(packet.bytes());
  require(ip && is_fuzz_client(ip->destination()));
  const auto icmp = IcmpView::parse(*ip);
  require(icmp && icmp->kind == IcmpKind::error);
  require(packet.size() <= (ip->is_v4() ? 576u : kIpv6MinMtu));
  const auto quoted = IpView::parse_quoted(icmp->payload);
  require(quoted && is_fuzz_client(quoted->source()));
  return *quoted;
}

}  // namespace oneping
