// For property tests: addresses and prefixes of both families that often nest, touch, coincide, and
// lie at the ends of the address space.
#pragma once

#include <rapidcheck.h>

#include <algorithm>
#include <array>
#include <vector>

#include "wire/ip_address.h"

namespace oneping::test {

// Each byte is one of three, and at most four of the bytes differ from those before them.
inline IpAddress any_address(IpFamily family) {
  const std::size_t size = family == IpFamily::v4 ? 4 : 16;
  std::array<std::uint8_t, 16> bytes{};
  for (std::size_t i = 0; i < size; i += size / 4) {
    std::fill(bytes.begin() + static_cast<std::ptrdiff_t>(i), bytes.end(),
              *rc::gen::element<std::uint8_t>(0, 0x80, 0xff));
  }
  return family == IpFamily::v4 ? IpAddress::from_v4(bytes.data())
                                : IpAddress::from_v6(bytes.data());
}

inline IpAddress any_address() {
  return any_address(*rc::gen::element(IpFamily::v4, IpFamily::v6));
}

inline Prefix any_prefix() {
  const IpAddress address = any_address();
  const int longest = address.is_v4() ? 32 : 128;
  // As often at the boundary of a byte as anywhere, and often a host.
  const int length =
      *rc::gen::oneOf(rc::gen::inRange(0, longest + 1),
                      rc::gen::map(rc::gen::inRange(0, longest / 8 + 1),
                                   [](int length_in_bytes) { return 8 * length_in_bytes; }),
                      rc::gen::just(longest));
  return {address, length};
}

inline std::vector<Prefix> any_prefixes(int at_most) {
  std::vector<Prefix> prefixes(static_cast<std::size_t>(*rc::gen::inRange(0, at_most + 1)));
  for (Prefix& prefix : prefixes) prefix = any_prefix();
  return prefixes;
}

// The last address of a prefix.
inline IpAddress last_of(const Prefix& prefix) {
  auto bytes = prefix.address().bytes();
  const int length = prefix.length() + (prefix.family() == IpFamily::v4 ? 96 : 0);
  for (int bit = length; bit < 128; ++bit) {
    bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
  }
  return IpAddress::from_v6(bytes.data());
}

// The addresses around `address`, going round at the ends; some may be of the other family.
inline IpAddress neighbour_of(const IpAddress& address, int step) {
  auto bytes = address.bytes();
  for (std::size_t i = 16; i-- > 0;) {
    bytes[i] = static_cast<std::uint8_t>(bytes[i] + step);
    const bool carries = step > 0 ? bytes[i] == 0 : bytes[i] == 0xff;
    if (!carries) break;
  }
  return IpAddress::from_v6(bytes.data());
}

// Where a search among these prefixes could go wrong: at and beside the ends of each.
inline std::vector<IpAddress> telling_addresses(const std::vector<Prefix>& prefixes) {
  std::vector<IpAddress> addresses{any_address(IpFamily::v4), any_address(IpFamily::v6)};
  for (const Prefix& prefix : prefixes) {
    const IpAddress first = prefix.address();
    const IpAddress last = last_of(prefix);
    addresses.insert(addresses.end(),
                     {first, neighbour_of(first, -1), last, neighbour_of(last, 1)});
  }
  return addresses;
}

}  // namespace oneping::test
