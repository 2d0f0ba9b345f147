#include "io/host_addresses.h"

#include <ifaddrs.h>
#include <net/if.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <memory>

#include "io/address_events.h"
#include "io/socket_address.h"
#include "io/system_error.h"
#include "proxy/host_network.h"

namespace oneping {

namespace {

std::optional<IpAddress> address_of(const sockaddr* address) {
  if (address == nullptr) return std::nullopt;
  sockaddr_storage storage{};
  switch (address->sa_family) {
    case AF_INET: std::memcpy(&storage, address, sizeof(sockaddr_in)); break;
    case AF_INET6: std::memcpy(&storage, address, sizeof(sockaddr_in6)); break;
    default: return std::nullopt;
  }
  return from_sockaddr(storage).address;
}

}  // namespace

Result<HostAddresses> HostAddresses::open() {
  Fd events = open_address_events();
  if (!events) return system_failure("watching this host's addresses");
  // Events are on before the first look: no change is missed.
  HostAddresses host(std::move(events));
  if (!host.refresh()) return system_failure("listing this host's addresses");
  return host;
}

void HostAddresses::on_readable() {
  // What the events say does not matter, nor whether some were lost: that there were any does.
  std::array<std::uint8_t, 8192> ignored;
  while (recv(events_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT) > 0 ||
         errno == ENOBUFS || errno == EINTR) {
  }
  static_cast<void>(refresh());
}

bool HostAddresses::refresh() {
  ifaddrs* first = nullptr;
  if (getifaddrs(&first) != 0) return false;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(first, &freeifaddrs);
  own_.clear();
  broadcasts_.clear();
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    const auto address = address_of(entry->ifa_addr);
    if (!address) continue;
    own_.push_back(*address);
    // Of a point-to-point interface this field is the peer.
    if ((entry->ifa_flags & IFF_BROADCAST) == 0) continue;
    const auto given = address_of(entry->ifa_broadaddr);
    // Where none was given, glibc puts the address itself there.
    if (given && given != address) broadcasts_.push_back(*given);
    const auto mask = address_of(entry->ifa_netmask);
    if (!mask) continue;
    const auto usual = broadcast_of(*address, std::popcount(mask->v4_host_order()));
    if (usual) broadcasts_.push_back(*usual);
  }
  std::ranges::sort(own_);
  std::ranges::sort(broadcasts_);
  return true;
}

bool HostAddresses::is_own(const IpAddress& address) const {
  return std::ranges::binary_search(own_, address);
}

bool HostAddresses::is_broadcast(const IpAddress& address) const {
  return std::ranges::binary_search(broadcasts_, address);
}

}  // namespace oneping
