#include "io/source_address.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include "io/fd.h"
#include "io/socket_address.h"

namespace oneping {

namespace {

constexpr std::uint16_t kDiscardPort = 9;  // any will do: nothing is sent

// Connecting a UDP socket looks up the route and sends nothing. None if there is no route.
Fd probe(const IpAddress& destination) {
  Fd fd(socket(system_family(destination.family()), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr({destination, kDiscardPort}, storage);
  if (fd && connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0) return {};
  return fd;
}

}  // namespace

std::optional<IpAddress> source_towards(const IpAddress& destination) {
  const Fd way = probe(destination);
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (!way || getsockname(way.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return std::nullopt;
  }
  return from_sockaddr(storage).address;
}

std::size_t mtu_towards(const IpAddress& destination) {
  const Fd way = probe(destination);
  const bool v4 = destination.is_v4();
  int mtu = 0;
  socklen_t size = sizeof mtu;
  const bool is_known = way && getsockopt(way.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6,
                                          v4 ? IP_MTU : IPV6_MTU, &mtu, &size) == 0;
  return is_known ? static_cast<std::size_t>(mtu) : 0;
}

}  // namespace oneping
