#include "wire/icmp_message.h"

#include <cstring>

#include "wire/checksum.h"
#include "wire/icmp.h"

namespace oneping::icmp_message {

std::optional<Packet> start(PacketPool& pool, IpHeader& header, std::uint8_t type,
                            std::uint8_t code, std::size_t icmp_size) {
  const IpFamily family = header.source.family();
  header.protocol = family == IpFamily::v4 ? kProtocolIcmp : kProtocolIcmpv6;
  const std::size_t header_size = ip_header_size(header);
  auto packet = pool.allocate(header_size + icmp_size);
  if (!packet) return packet;
  write_ip_header(header, icmp_size, packet->bytes().first(header_size));
  std::uint8_t* icmp = packet->data() + header_size;
  std::memset(icmp, 0, kIcmpHeaderSize);
  icmp[0] = type;
  icmp[1] = code;
  return packet;
}

void set_checksum(const IpHeader& header, MutableBytes icmp) {
  const std::uint64_t start =
      header.source.is_v4()
          ? 0
          : icmpv6_pseudo_header_sum(header.source, header.destination, icmp.size());
  store_be16(&icmp[2], checksum_finish(checksum_add(icmp, start)));
}

void copy_bytes(Bytes from, std::uint8_t* to) {
  if (!from.empty()) std::memcpy(to, from.data(), from.size());
}

}  // namespace oneping::icmp_message
