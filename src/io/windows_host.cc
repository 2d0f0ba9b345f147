#include "io/windows_host.h"

#include <winsock2.h>
// winsock2.h comes first.
#include <ws2tcpip.h>
// And this before iphlpapi's.
#include <iphlpapi.h>

#include <algorithm>
#include <cstring>

namespace oneping {

namespace {

std::optional<IpAddress> address_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  if (address->sa_family == AF_INET) {
    sockaddr_in v4;
    std::memcpy(&v4, address, sizeof v4);
    return IpAddress::v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family == AF_INET6) {
    sockaddr_in6 v6;
    std::memcpy(&v6, address, sizeof v6);
    return IpAddress::from_v6(reinterpret_cast<const std::uint8_t*>(&v6.sin6_addr));
  }
  return std::nullopt;
}

}  // namespace

bool WindowsHost::refresh() {
  constexpr ULONG kFlags = GAA_FLAG_SKIP_ANYCAST | GAA_FLAG_SKIP_MULTICAST |
                           GAA_FLAG_SKIP_DNS_SERVER | GAA_FLAG_SKIP_FRIENDLY_NAME;
  ULONG size = 16384;
  std::vector<std::uint8_t> buffer;
  ULONG error = ERROR_BUFFER_OVERFLOW;
  // Between two calls the list may grow.
  for (int attempt = 0; attempt < 4 && error == ERROR_BUFFER_OVERFLOW; ++attempt) {
    buffer.resize(size);
    error = GetAdaptersAddresses(AF_UNSPEC, kFlags, nullptr,
                                 reinterpret_cast<IP_ADAPTER_ADDRESSES*>(buffer.data()), &size);
  }
  if (error != ERROR_SUCCESS) return false;
  own_.clear();
  broadcasts_.clear();
  for (const auto* adapter = reinterpret_cast<const IP_ADAPTER_ADDRESSES*>(buffer.data());
       adapter != nullptr; adapter = adapter->Next) {
    for (const auto* entry = adapter->FirstUnicastAddress; entry != nullptr; entry = entry->Next) {
      const auto address = address_of(entry->Address.lpSockaddr);
      if (!address) continue;
      own_.push_back(*address);
      const auto broadcast = broadcast_of(*address, static_cast<int>(entry->OnLinkPrefixLength));
      if (broadcast) broadcasts_.push_back(*broadcast);
    }
  }
  std::ranges::sort(own_);
  std::ranges::sort(broadcasts_);
  return true;
}

bool WindowsHost::is_own(const IpAddress& address) const {
  return std::ranges::binary_search(own_, address);
}

bool WindowsHost::is_broadcast(const IpAddress& address) const {
  return std::ranges::binary_search(broadcasts_, address);
}

// A UDP socket that is connected sends nothing, but has an address.
std::optional<IpAddress> WindowsHost::source_for(const IpAddress& destination) const {
  const bool v4 = destination.is_v4();
  const SOCKET socket = ::socket(v4 ? AF_INET : AF_INET6, SOCK_DGRAM, IPPROTO_UDP);
  if (socket == INVALID_SOCKET) return std::nullopt;
  sockaddr_storage peer{};
  if (v4) {
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_port = htons(9);  // discard
    to.sin_addr.s_addr = htonl(destination.v4_host_order());
    std::memcpy(&peer, &to, sizeof to);
  } else {
    sockaddr_in6 to{};
    to.sin6_family = AF_INET6;
    to.sin6_port = htons(9);
    std::memcpy(&to.sin6_addr, destination.bytes().data(), destination.bytes().size());
    std::memcpy(&peer, &to, sizeof to);
  }
  const int peer_size = static_cast<int>(v4 ? sizeof(sockaddr_in) : sizeof(sockaddr_in6));
  sockaddr_storage name{};
  int name_size = sizeof name;
  std::optional<IpAddress> source;
  if (connect(socket, reinterpret_cast<const sockaddr*>(&peer), peer_size) == 0 &&
      getsockname(socket, reinterpret_cast<sockaddr*>(&name), &name_size) == 0) {
    source = address_of(reinterpret_cast<const sockaddr*>(&name));
  }
  closesocket(socket);
  return source;
}

}  // namespace oneping
