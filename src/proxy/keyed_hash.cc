#include "proxy/keyed_hash.h"

#include <algorithm>
#include <bit>

namespace oneping {

namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }

  std::uint64_t finish() {
    v2 ^= 0xff;
    for (int i = 0; i < 4; ++i) round();
    return v0 ^ v1 ^ v2 ^ v3;
  }
};

// SipHash reads its words in little-endian order; `count` is at most 8.
std::uint64_t load_little_endian(const std::uint8_t* p, std::size_t count) {
  std::uint8_t bytes[8] = {};
  std::copy_n(p, count, bytes);
  if constexpr (std::endian::native == std::endian::big) std::reverse(bytes, bytes + 8);
  return std::bit_cast<std::uint64_t>(bytes);
}

}  // namespace

std::uint64_t KeyedHash::operator()(Bytes bytes) const {
  SipState state{.v0 = key0_ ^ 0x736f6d6570736575ULL,
                 .v1 = key1_ ^ 0x646f72616e646f6dULL,
                 .v2 = key0_ ^ 0x6c7967656e657261ULL,
                 .v3 = key1_ ^ 0x7465646279746573ULL};
  const std::size_t tail = bytes.size() % 8;
  const std::uint8_t* p = bytes.data();
  for (const std::uint8_t* end = p + (bytes.size() - tail); p != end; p += 8) {
    state.absorb(load_little_endian(p, 8));
  }
  state.absorb(load_little_endian(p, tail) | std::uint64_t{bytes.size()} << 56);
  return state.finish();
}

}  // namespace oneping
