#include "io/source_address.h"

#include <sys/socket.h>

#include "io/route_probe.h"
#include "io/socket_address.h"

namespace oneping {

std::optional<IpAddress> source_towards(const IpAddress& destination) {
  const Fd way = probe_route(destination);
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (!way || getsockname(way.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return std::nullopt;
  }
  return from_sockaddr(storage).address;
}

}  // namespace oneping
