// What the ICMP helper functions of 64-bit Windows write into a reply buffer: ICMP_ECHO_REPLY and
// ICMPV6_ECHO_REPLY, little-endian. It is read byte by byte, for the second of them is not declared
// everywhere, and so that it can be tested everywhere.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "wire/ip_address.h"

namespace oneping {

inline constexpr std::size_t kIcmpReplySizeV4 = 40;
inline constexpr std::size_t kIcmpReplySizeV6 = 36;

// How large a buffer must be for a reply with that much data: besides the record and the data the
// system wants room for an ICMP error, an IO_STATUS_BLOCK and, in IPv4, the header's options.
[[nodiscard]] constexpr std::size_t icmp_reply_buffer_size(IpFamily family, std::size_t payload) {
  constexpr std::size_t kIcmpError = 8;
  constexpr std::size_t kIoStatusBlock = 16;
  constexpr std::size_t kIpOptions = 40;
  return payload + kIcmpError + kIoStatusBlock +
         (family == IpFamily::v4 ? kIcmpReplySizeV4 + kIpOptions : kIcmpReplySizeV6);
}

struct IcmpHelperReply {
  IpAddress source;  // unspecified: nobody
  std::uint32_t status;
  // Nothing where the system does not tell: it never does for IPv6.
  std::optional<std::uint8_t> hop_limit;
  std::uint8_t traffic_class = 0;
  std::optional<Bytes> payload;  // in the buffer; nothing if it would lie outside
};

// The first record in a buffer of at least icmp_reply_buffer_size(family, sent). IPv6 has no field
// for the length of the data: it is that of the request, `sent`.
[[nodiscard]] IcmpHelperReply read_icmp_helper_reply(IpFamily family, Bytes buffer,
                                                     std::size_t sent);

}  // namespace oneping
