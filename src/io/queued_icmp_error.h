// An ICMP error as the error queue of a socket tells it (ip(7), IP_RECVERR): of ping sockets and of
// UDP sockets alike.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "base/bytes.h"
#include "base/drop_reason.h"
#include "wire/ip_address.h"

namespace oneping {

struct QueuedIcmpError {
  IpAddress offender;
  SocketAddress destination;  // of the packet, as quoted; a ping socket's has no port
  std::uint8_t type;
  std::uint8_t code;
  std::uint32_t parameter;
  std::uint8_t hop_limit;  // of the error
  std::uint8_t traffic_class;
  Bytes quote;       // of the packet, without the headers that the system leaves out
  Bytes extensions;  // the RFC 4884 structure with its header; empty if there is none
};

// A message of an error queue, of which `size` bytes are in its first buffer. The system leaves out
// the IP header of the quoted packet, and `header` bytes behind it. Nothing when it is what this
// host said about its own sending, which the send has said before. Fails with truncated when it is
// not whole.
[[nodiscard]] tl::expected<std::optional<QueuedIcmpError>, DropReason> read_queued_icmp_error(
    const msghdr& message, std::size_t size, IpFamily family, std::size_t header);

}  // namespace oneping
