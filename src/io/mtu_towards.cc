#include <netinet/in.h>
#include <sys/socket.h>

#include "io/route_probe.h"
#include "io/source_address.h"

namespace oneping {

std::size_t mtu_towards(const IpAddress& destination) {
  const Fd way = probe_route(destination);
  const bool v4 = destination.is_v4();
  int mtu = 0;
  socklen_t size = sizeof mtu;
  const bool is_known = way && getsockopt(way.get(), v4 ? IPPROTO_IP : IPPROTO_IPV6,
                                          v4 ? IP_MTU : IPV6_MTU, &mtu, &size) == 0;
  return is_known ? static_cast<std::size_t>(mtu) : 0;
}

}  // namespace oneping
