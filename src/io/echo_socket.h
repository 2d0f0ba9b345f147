// One unprivileged ping socket of Linux: SOCK_DGRAM over IPPROTO_ICMP or IPPROTO_ICMPV6.
//
// The kernel writes id and checksum of each echo request, and delivers the echo replies that have
// that id, whoever sent them. It never shares its id: another process that binds the same one would
// take its replies. ICMP errors about its requests wait in a queue of their own, and the first of
// them also makes the next call on the socket fail, whomever that is about: who sends or receives
// has to try again.
#pragma once

#include <cstdint>
#include <tl/expected.hpp>

#include "base/random.h"
#include "io/fd.h"
#include "proxy/echo_backend.h"

namespace oneping {

// The kernel keeps ping sockets in so many hash buckets by id, and searches a bucket linearly.
inline constexpr std::uint16_t kPingBuckets = 64;

struct EchoSocket {
  Fd fd;
  EchoChannelKind kind;
  std::uint16_t channel;
  std::uint16_t id;  // the ICMP identifier on the wire: random, congruent to the bucket

  // Fails with errno. EACCES: net.ipv4.ping_group_range leaves this process out.
  [[nodiscard]] static tl::expected<EchoSocket, int> open(EchoChannelKind kind,
                                                          std::uint16_t channel,
                                                          std::uint16_t bucket, Random& random);

  // Messages that came in and found the receive buffer full.
  [[nodiscard]] std::uint32_t kernel_drops() const;
};

}  // namespace oneping
