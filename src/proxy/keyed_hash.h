// SipHash-2-4 (Aumasson, Bernstein, 2012): a hash that nobody can aim at without the key.
// The proxy keeps one of each request's payload instead of the payload, and a reply must match it.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"

namespace oneping {

class KeyedHash {
 public:
  // Draws a key that lives as long as this object.
  explicit KeyedHash(Random& random) : KeyedHash(random.next(), random.next()) {}
  KeyedHash(std::uint64_t key0, std::uint64_t key1) : key0_(key0), key1_(key1) {}

  // Depends on every byte and on how many there are.
  [[nodiscard]] std::uint64_t operator()(Bytes bytes) const;

 private:
  std::uint64_t key0_;
  std::uint64_t key1_;
};

}  // namespace oneping
