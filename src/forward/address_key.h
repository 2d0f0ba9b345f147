// Addresses as numbers, one type for each family, for searches among many that are sorted.
#pragma once

#include <compare>
#include <cstdint>

#include "base/bytes.h"
#include "wire/ip_address.h"

namespace oneping {

struct V4Key {
  std::uint32_t bits = 0;

  static V4Key of(const IpAddress& v4) { return {v4.v4_host_order()}; }
  // The first `length` bits zero and the others one.
  static V4Key host_mask(int length) {
    return {length == 0 ? ~0U
                        : static_cast<std::uint32_t>((std::uint64_t{1} << (32 - length)) - 1)};
  }

  // Zero after the last address.
  [[nodiscard]] V4Key next() const { return {bits + 1}; }
  friend V4Key operator|(V4Key a, V4Key b) { return {a.bits | b.bits}; }
  friend auto operator<=>(const V4Key&, const V4Key&) = default;
};

struct V6Key {
  std::uint64_t high = 0;
  std::uint64_t low = 0;

  static V6Key of(const IpAddress& address) {
    return {load_be64(address.bytes().data()), load_be64(address.bytes().data() + 8)};
  }
  static V6Key host_mask(int length) {
    if (length > 64) return {0, ones(128 - length)};
    return {ones(64 - length), ones(64)};
  }

  [[nodiscard]] V6Key next() const { return {high + (low == ~std::uint64_t{0} ? 1 : 0), low + 1}; }
  friend V6Key operator|(V6Key a, V6Key b) { return {a.high | b.high, a.low | b.low}; }
  friend bool operator==(const V6Key&, const V6Key&) = default;
  // Taking a from b leaves no borrow. Without a branch, which a search would often mispredict.
  friend bool operator<=(V6Key a, V6Key b) {
    const std::uint64_t borrow = b.low < a.low ? 1 : 0;
    return !((b.high < a.high) | (b.high - a.high < borrow));
  }
  friend bool operator<(V6Key a, V6Key b) { return !(b <= a); }

 private:
  static std::uint64_t ones(int count) {
    return count == 0 ? 0 : ~std::uint64_t{0} >> (64 - count);
  }
};

}  // namespace oneping
