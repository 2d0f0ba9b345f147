// Control messages of UDP sockets (RFC 3542, and Linux's UDP_SEGMENT and UDP_GRO), and room for one
// message of recvmmsg or sendmmsg that points at itself.
#pragma once

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <optional>

#include "quic/path.h"

namespace oneping {

// Must stay where it is while the system uses the mmsghdr that names it.
struct UdpMessage {
  sockaddr_storage remote;
  iovec bytes;
  alignas(cmsghdr) std::uint8_t control[128];
};

// Makes `header` point at the whole of `message`, for receiving.
void point_for_receive(mmsghdr& header, UdpMessage& message);

// What came with a received message.
struct UdpReceiveInfo {
  std::optional<IpAddress> local;  // IP_PKTINFO, IPV6_PKTINFO
  std::size_t segment_size = 0;    // UDP_GRO; 0: one packet
};
[[nodiscard]] UdpReceiveInfo read_control(const msghdr& header);

// Fills `message` and makes `header` point at it, for sending `bytes` (which it refers to) to
// path.remote. From path.local if `set_source` and that is specified. segment_size 0: one packet.
void fill_for_send(mmsghdr& header, UdpMessage& message, const quic::Path& path, Bytes bytes,
                   bool set_source, std::size_t segment_size);

}  // namespace oneping
