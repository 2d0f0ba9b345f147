#include "io/source_address.h"

#include <sys/socket.h>

#include "io/fd.h"
#include "io/socket_address.h"

namespace oneping {

namespace {

constexpr std::uint16_t kDiscardPort = 9;  // any will do: nothing is sent

}  // namespace

std::optional<IpAddress> source_towards(const IpAddress& destination) {
  // Connecting a UDP socket looks up the route and sends nothing.
  const Fd probe(socket(system_family(destination.family()), SOCK_DGRAM | SOCK_CLOEXEC, 0));
  sockaddr_storage storage{};
  socklen_t size = to_sockaddr({destination, kDiscardPort}, storage);
  if (!probe || connect(probe.get(), reinterpret_cast<const sockaddr*>(&storage), size) != 0) {
    return std::nullopt;
  }
  size = sizeof storage;
  if (getsockname(probe.get(), reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return std::nullopt;
  }
  return from_sockaddr(storage).address;
}

}  // namespace oneping
