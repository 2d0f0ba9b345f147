#include "io/socket_address.h"

#include <arpa/inet.h>

#include <cstring>

namespace oneping {

socklen_t to_sockaddr(const SocketAddress& address, sockaddr_storage& storage) {
  const Bytes bytes = address.address.network_bytes();
  if (address.address.is_v4()) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_port = htons(address.port);
    std::memcpy(&in.sin_addr, bytes.data(), bytes.size());
    std::memcpy(&storage, &in, sizeof in);
    return sizeof in;
  }
  sockaddr_in6 in6{};
  in6.sin6_family = AF_INET6;
  in6.sin6_port = htons(address.port);
  std::memcpy(&in6.sin6_addr, bytes.data(), bytes.size());
  std::memcpy(&storage, &in6, sizeof in6);
  return sizeof in6;
}

SocketAddress from_sockaddr(const sockaddr_storage& storage) {
  if (storage.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &storage, sizeof in);
    return {IpAddress::v4(ntohl(in.sin_addr.s_addr)), ntohs(in.sin_port)};
  }
  sockaddr_in6 in6;
  std::memcpy(&in6, &storage, sizeof in6);
  return {IpAddress::from_v6(in6.sin6_addr.s6_addr), ntohs(in6.sin6_port)};
}

}  // namespace oneping
