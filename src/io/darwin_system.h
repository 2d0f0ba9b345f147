// The few calls in which Darwin's datagram ICMP sockets and what stands in for them on Linux
// differ. darwin_system.cc is for Darwin, darwin_emulation.cc for Linux.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "io/fd.h"
#include "proxy/echo_backend.h"

namespace oneping::darwin_system {

// A socket that gets the host's ICMP messages of this family; of ICMPv6 only those that may be
// answers. None, with errno, if the system refuses.
[[nodiscard]] Fd open(IpFamily family);

// How packets of this kind may be fragmented, from the next one on.
[[nodiscard]] bool set_fragmentation(int fd, EchoChannelKind kind);

// The hop limit that a control message tells of an IPv4 message, if it is one that does.
[[nodiscard]] std::optional<std::uint8_t> read_hop_limit_v4(const cmsghdr& control);

// The `number`-th message that a socket of this family has given, as Darwin gives it: `bytes` may
// be changed. Nothing if Darwin would not have given it at all.
[[nodiscard]] std::optional<Bytes> as_given(IpFamily family, MutableBytes bytes,
                                            std::uint64_t number);

}  // namespace oneping::darwin_system
