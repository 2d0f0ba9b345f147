#include "io/route_probe.h"

#include "io/open_socket.h"
#include "io/socket_address.h"

namespace oneping {

namespace {
constexpr std::uint16_t kDiscardPort = 9;  // any will do: nothing is sent
}  // namespace

Fd probe_route(const IpAddress& destination) {
  Fd fd = open_socket(system_family(destination.family()), SOCK_DGRAM, 0);
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr({destination, kDiscardPort}, storage);
  if (fd && connect(fd.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0) return {};
  return fd;
}

}  // namespace oneping
