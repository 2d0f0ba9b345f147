#include "io/origin_socket.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <utility>

#include "io/socket_address.h"

namespace oneping {

namespace {

constexpr int kBufferSize = 4 << 20;  // bytes; less where the system's limits say so
constexpr int kBindTries = 32;
constexpr int kRecvErrRfc4884V4 = 26;  // IP_RECVERR_RFC4884, since Linux 5.10
constexpr int kRecvErrRfc4884V6 = 31;

bool set(const Fd& fd, int level, int option, int value) {
  return setsockopt(fd.get(), level, option, &value, sizeof value) == 0;
}

// A larger buffer, extensions and the count of overflows are wishes; everything else the backend
// relies on.
bool configure(const Fd& fd, IpFamily family) {
  set(fd, SOL_SOCKET, SO_RCVBUF, kBufferSize);
  set(fd, SOL_SOCKET, SO_RXQ_OVFL, 1);
  if (family == IpFamily::v6) {
    set(fd, IPPROTO_IPV6, kRecvErrRfc4884V6, 1);
    return set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1) && set(fd, IPPROTO_IPV6, IPV6_RECVERR, 1) &&
           set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1) && set(fd, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  }
  set(fd, IPPROTO_IP, kRecvErrRfc4884V4, 1);
  return set(fd, IPPROTO_IP, IP_RECVERR, 1) && set(fd, IPPROTO_IP, IP_RECVTTL, 1) &&
         set(fd, IPPROTO_IP, IP_RECVTOS, 1);
}

// Leaves it to the system, at the first sending, if there is nothing to choose.
bool bind_to_port(const Fd& fd, IpFamily family, const OriginPorts& ports) {
  const IpAddress any = family == IpFamily::v4 ? IpAddress::v4(0) : IpAddress();
  for (int i = 0; i < kBindTries; ++i) {
    const auto port = ports.choose();
    if (!port) return true;
    sockaddr_storage storage{};
    const socklen_t size = to_sockaddr({any, *port}, storage);
    if (bind(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) == 0) return true;
    if (errno != EADDRINUSE && errno != EACCES) return false;
  }
  return true;
}

}  // namespace

tl::expected<OriginSocket, int> OriginSocket::open(IpFamily family, std::size_t open,
                                                   const OriginPorts& ports) {
  Fd fd(socket(system_family(family), SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, IPPROTO_UDP));
  if (!fd || !configure(fd, family)) return tl::make_unexpected(errno);
  if (!ports.is_systems_choice(open) && !bind_to_port(fd, family, ports)) {
    return tl::make_unexpected(errno);
  }
  OriginSocket socket;
  socket.fd = std::move(fd);
  socket.family = family;
  return socket;
}

// PROBE sets DF and ignores what the kernel believes about the path; DONT clears DF. IPv6 has no
// DF: there it is whether this host may make fragments.
void OriginSocket::set_dont_fragment(bool dont_fragment) {
  const Fragments wanted = dont_fragment ? Fragments::may_not : Fragments::may;
  if (std::exchange(fragments, wanted) == wanted) return;
  if (family == IpFamily::v4) {
    set(fd, IPPROTO_IP, IP_MTU_DISCOVER, dont_fragment ? IP_PMTUDISC_PROBE : IP_PMTUDISC_DONT);
  } else {
    set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER,
        dont_fragment ? IPV6_PMTUDISC_PROBE : IPV6_PMTUDISC_WANT);
  }
}

}  // namespace oneping
