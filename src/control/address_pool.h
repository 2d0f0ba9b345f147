// Which virtual address the next device gets.
#pragma once

#include <optional>
#include <vector>

#include "wire/ip_address.h"

namespace oneping::control {

// Where virtual addresses come from, one of each family for every device.
struct AddressPools {
  Prefix v4;
  Prefix v6;
  std::vector<IpAddress> reserved;  // not for devices
};

// The one behind the highest that is used, so that an address that has become free rests for as
// long as can be; at the pool's end the lowest that is free. Nothing if none is. The first address
// of a pool, and the last of an IPv4 pool, are for nobody (RFC 4291, 2.6.1; RFC 1122, 3.2.1.3).
[[nodiscard]] std::optional<IpAddress> next_address(const Prefix& pool,
                                                    std::vector<IpAddress> used);

}  // namespace oneping::control
