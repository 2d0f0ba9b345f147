// SocketAddress to and from the system's sockaddr. IPv6 zones are not kept.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "wire/ip_address.h"

namespace oneping {

[[nodiscard]] inline int system_family(IpFamily family) {
  return family == IpFamily::v4 ? AF_INET : AF_INET6;
}

// Fills `storage` and returns how many bytes of it count.
socklen_t to_sockaddr(const SocketAddress& address, sockaddr_storage& storage);

// `storage` must hold an AF_INET or AF_INET6 address.
[[nodiscard]] SocketAddress from_sockaddr(const sockaddr_storage& storage);

}  // namespace oneping
