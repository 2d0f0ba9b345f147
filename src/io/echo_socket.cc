#include "io/echo_socket.h"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <optional>
#include <utility>

#include "io/socket_address.h"
#include "wire/ip.h"

namespace oneping {

namespace {

constexpr int kBufferSize = 4 << 20;  // bytes; less where the system's limits say so
constexpr int kBindTries = 64;
// IP_RECVERR_RFC4884 and its twin, from Linux 5.9 on, whose header does not go with netinet/in.h.
constexpr int kIpReceiveExtensions = 26;
constexpr int kIpv6ReceiveExtensions = 31;

bool set(const Fd& fd, int level, int option, int value) {
  return setsockopt(fd.get(), level, option, &value, sizeof value) == 0;
}

// A larger buffer and extensions of errors are wishes; everything else the backend relies on.
bool configure(const Fd& fd, EchoChannelKind kind) {
  set(fd, SOL_SOCKET, SO_RCVBUF, kBufferSize);
  set(fd, SOL_SOCKET, SO_SNDBUF, kBufferSize);
  // Ping sockets share their id by default.
  if (!set(fd, SOL_SOCKET, SO_REUSEADDR, 0)) return false;
  if (family_of(kind) == IpFamily::v6) {
    set(fd, IPPROTO_IPV6, kIpv6ReceiveExtensions, 1);
    const bool is_size_set =
        kind == EchoChannelKind::v6_dont_fragment
            ? set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE)
            : set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT) &&
                  set(fd, IPPROTO_IPV6, IPV6_MTU, static_cast<int>(kIpv6MinMtu));
    return is_size_set && set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) &&
           set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1) && set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1);
  }
  set(fd, IPPROTO_IP, kIpReceiveExtensions, 1);
  // PROBE sets DF and ignores what the kernel believes about the path; DONT clears DF.
  const bool fixed_size = kind == EchoChannelKind::v4_dont_fragment;
  return set(fd, IPPROTO_IP, IP_MTU_DISCOVER, fixed_size ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT) &&
         set(fd, IPPROTO_IP, IP_RECVTTL, 1) && set(fd, IPPROTO_IP, IP_RECVTOS, 1) &&
         set(fd, IPPROTO_IP, IP_RECVERR, 1);
}

// Binds to a random id of the bucket: who cannot guess it cannot forge replies.
std::optional<std::uint16_t> bind_random_id(const Fd& fd, IpFamily family, std::uint16_t bucket,
                                            Random& random) {
  const IpAddress any = family == IpFamily::v4 ? IpAddress::v4(0) : IpAddress();
  for (int i = 0; i < kBindTries; ++i) {
    const auto id = static_cast<std::uint16_t>(random.below(65536 / kPingBuckets) * kPingBuckets +
                                               bucket % kPingBuckets);
    if (id == 0) continue;  // would let the kernel choose
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr({any, id}, storage);
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0) return id;
    if (errno != EADDRINUSE) return std::nullopt;
  }
  errno = EADDRINUSE;
  return std::nullopt;
}

}  // namespace

tl::expected<EchoSocket, int> EchoSocket::open(EchoChannelKind kind, std::uint16_t channel,
                                               std::uint16_t bucket, Random& random) {
  const IpFamily family = family_of(kind);
  const int protocol = family == IpFamily::v4 ? kProtocolIcmp : kProtocolIcmpv6;
  Fd fd(socket(system_family(family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, protocol));
  if (!fd || !configure(fd, kind)) return tl::make_unexpected(errno);
  const auto id = bind_random_id(fd, family, bucket, random);
  if (!id) return tl::make_unexpected(errno);
  return EchoSocket{.fd = std::move(fd), .kind = kind, .channel = channel, .id = *id};
}

std::uint32_t EchoSocket::kernel_drops() const {
  std::uint32_t info[SK_MEMINFO_VARS] = {};
  socklen_t size = sizeof info;
  getsockopt(fd.get(), SOL_SOCKET, SO_MEMINFO, info, &size);
  return info[SK_MEMINFO_DROPS];
}

}  // namespace oneping
