// ICMP messages as Darwin's datagram ICMP sockets take and give them (xnu, bsd/netinet/ip_icmp.c
// and raw_ip.c). Every such socket gets every ICMP message of the host, replies to other programs
// and errors about their packets among them; what is ours is found here by the id.
//
// Of IPv4 messages the IP header may be in front or not, whatever the socket asked for, and the
// kernel has changed it: its total length is in host order and without the header, its fragment
// field in host order, and so is the total length of a packet that an error quotes. Nothing of that
// is read here, so that bytes as they were on the wire are read alike.
#pragma once

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>
#include <variant>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "proxy/echo_backend.h"
#include "proxy/echo_ids.h"
#include "wire/icmp.h"

namespace oneping {

// What the system says beside a message's bytes.
struct DarwinMessage {
  IpFamily family = IpFamily::v4;
  IpAddress source;
  std::optional<std::uint8_t> hop_limit;      // if not told, the IP header's
  std::optional<std::uint8_t> traffic_class;  // likewise
  Bytes bytes;
};

struct DarwinAnswer {
  EchoSlot slot;
  std::variant<EchoReply, EchoError> content;  // refers to the message's bytes
};

// The answer to a request whose id is in `ids`. Fails with no_flow for what is about another's,
// with not_reply_or_error for what is neither, with truncated for what is not whole.
[[nodiscard]] tl::expected<DarwinAnswer, DropReason> read_darwin_message(
    const DarwinMessage& message, const EchoIds& ids);

// Writes an echo request into `out`, which must have kIcmpHeaderSize and the payload's bytes. The
// checksum is here for IPv4 only: of ICMPv6 the kernel writes it.
void write_darwin_request(IpFamily family, EchoIdentity identity, Bytes payload, MutableBytes out);

}  // namespace oneping
