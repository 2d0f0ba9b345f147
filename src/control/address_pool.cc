#include "control/address_pool.h"

#include <algorithm>

namespace oneping::control {

namespace {

IpAddress from_bytes(const std::array<std::uint8_t, 16>& bytes) {
  return IpAddress::from_v6(bytes.data());  // IPv4 is in there too, in its mapped form
}

IpAddress after(const IpAddress& address) {
  auto bytes = address.bytes();
  for (std::size_t i = bytes.size(); i-- > 0;) {
    if (++bytes[i] != 0) break;
  }
  return from_bytes(bytes);
}

IpAddress last_of(const Prefix& pool) {
  auto bytes = pool.address().bytes();
  const int fixed = pool.length() + (pool.family() == IpFamily::v4 ? 96 : 0);
  for (int bit = fixed; bit < 128; ++bit) {
    bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
  }
  return from_bytes(bytes);
}

}  // namespace

std::optional<IpAddress> next_address(const Prefix& pool, std::vector<IpAddress> used) {
  std::erase_if(used, [&](const IpAddress& address) { return !pool.contains(address); });
  used.push_back(pool.address());
  if (pool.family() == IpFamily::v4) used.push_back(last_of(pool));
  std::ranges::sort(used);

  // The highest that a device has: the pool's last address is nobody's.
  const auto highest = pool.family() == IpFamily::v4 && used.size() > 1 ? std::prev(used.end(), 2)
                                                                        : std::prev(used.end());
  if (const IpAddress next = after(*highest);
      pool.contains(next) && !std::ranges::binary_search(used, next)) {
    return next;
  }
  for (std::size_t i = 0; i < used.size(); ++i) {
    const IpAddress next = after(used[i]);
    if (pool.contains(next) && (i + 1 == used.size() || used[i + 1] != next)) return next;
  }
  return std::nullopt;
}

}  // namespace oneping::control
