// Darwin does not tell the MTU of a route: that of the interface which has the source address,
// which routers on the way know nothing of.
#include <ifaddrs.h>
#include <net/if.h>
#include <net/if_var.h>

#include <cstring>
#include <memory>

#include "io/socket_address.h"
#include "io/source_address.h"

namespace oneping {

namespace {

bool has_address(const ifaddrs& entry, const IpAddress& address) {
  if (entry.ifa_addr == nullptr || entry.ifa_addr->sa_family != system_family(address.family())) {
    return false;
  }
  sockaddr_storage storage{};
  std::memcpy(&storage, entry.ifa_addr, entry.ifa_addr->sa_len);
  return from_sockaddr(storage).address == address;
}

std::size_t mtu_of(const ifaddrs* first, const char* name) {
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (entry->ifa_addr == nullptr || entry->ifa_addr->sa_family != AF_LINK ||
        entry->ifa_data == nullptr || std::strcmp(entry->ifa_name, name) != 0) {
      continue;
    }
    if_data data;
    std::memcpy(&data, entry->ifa_data, sizeof data);
    return data.ifi_mtu;
  }
  return 0;
}

}  // namespace

std::size_t mtu_towards(const IpAddress& destination) {
  const auto source = source_towards(destination);
  ifaddrs* first = nullptr;
  if (!source || getifaddrs(&first) != 0) return 0;
  const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(first, &freeifaddrs);
  for (const ifaddrs* entry = first; entry != nullptr; entry = entry->ifa_next) {
    if (has_address(*entry, *source)) return mtu_of(first, entry->ifa_name);
  }
  return 0;
}

}  // namespace oneping
