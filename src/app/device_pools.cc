#include "app/device_pools.h"

#include <algorithm>

namespace oneping {

namespace {

// fd, 40 bits that are as good as random, a zero subnet (RFC 4193, 3.2).
Prefix unique_local_prefix(const quic::KeyPin& authority) {
  std::array<std::uint8_t, 16> bytes{0xfd};
  std::copy_n(authority.begin(), 5, bytes.begin() + 1);
  return {IpAddress::from_v6(bytes.data()), 64};
}

}  // namespace

control::AddressPools device_pools(const EdgeOptions& options, const quic::KeyPin& authority) {
  control::AddressPools pools{
      options.devices.ipv4, options.devices.ipv6.value_or(unique_local_prefix(authority)), {}};
  for (const auto& address : {options.hop_ipv4, options.hop_ipv6}) {
    if (address) pools.reserved.push_back(*address);
  }
  if (options.tun) {
    for (const auto& own : options.tun->addresses) pools.reserved.push_back(own.address);
  }
  return pools;
}

}  // namespace oneping
