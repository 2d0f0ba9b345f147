// Variable-length integers (RFC 9000, 16), which HTTP/3, capsules and HTTP datagrams are made of.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace oneping::masque {

inline constexpr std::uint64_t kMaxVarint = (std::uint64_t{1} << 62) - 1;
inline constexpr std::size_t kMaxVarintSize = 8;

// How many bytes the encoding that begins with `first` has: 1, 2, 4 or 8.
[[nodiscard]] constexpr std::size_t varint_size_by_first_byte(std::uint8_t first) {
  return std::size_t{1} << (first >> 6);
}

// Of the shortest encoding. value <= kMaxVarint.
[[nodiscard]] constexpr std::size_t varint_size(std::uint64_t value) {
  if (value < 0x40) return 1;
  if (value < 0x4000) return 2;
  return value < 0x40000000 ? 4 : 8;
}

// Cuts an integer off the front of `bytes`; nothing, and `bytes` as it was, if it is not whole.
[[nodiscard]] constexpr std::optional<std::uint64_t> take_varint(Bytes& bytes) {
  if (bytes.empty()) return std::nullopt;
  const std::size_t size = varint_size_by_first_byte(bytes[0]);
  if (bytes.size() < size) return std::nullopt;
  std::uint64_t value = bytes[0] & 0x3f;
  for (std::size_t i = 1; i < size; ++i) value = value << 8 | bytes[i];
  bytes = bytes.subspan(size);
  return value;
}

// Writes the shortest encoding; `to` has room for it.
constexpr void store_varint(std::uint8_t* to, std::uint64_t value) {
  const std::size_t size = varint_size(value);
  for (std::size_t i = size; i-- > 0; value >>= 8) to[i] = static_cast<std::uint8_t>(value);
  to[0] = static_cast<std::uint8_t>(to[0] | (size == 1   ? 0x00
                                             : size == 2 ? 0x40
                                             : size == 4 ? 0x80
                                                         : 0xc0));
}

inline void append_varint(std::vector<std::uint8_t>& to, std::uint64_t value) {
  std::uint8_t bytes[kMaxVarintSize];
  store_varint(bytes, value);
  to.insert(to.end(), bytes, bytes + varint_size(value));
}

}  // namespace oneping::masque
