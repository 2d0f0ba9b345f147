#include "proxy/keyed_hash.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace oneping {
namespace {

std::vector<std::uint8_t> counting_bytes(std::size_t size) {
  std::vector<std::uint8_t> bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{0});
  return bytes;
}

// Key 00 01 … 0f and messages 00 01 … of growing length: the reference vectors of SipHash-2-4.
TEST(KeyedHash, MatchesReferenceVectors) {
  const KeyedHash hash(0x0706050403020100ULL, 0x0f0e0d0c0b0a0908ULL);
  EXPECT_EQ(hash(counting_bytes(0)), 0x726fdb47dd0e0e31ULL);
  EXPECT_EQ(hash(counting_bytes(1)), 0x74f839c593dc67fdULL);
  EXPECT_EQ(hash(counting_bytes(8)), 0x93f5f5799a932462ULL);
  EXPECT_EQ(hash(counting_bytes(15)), 0xa129ca6149be45e5ULL);  // the example of the paper
}

TEST(KeyedHash, DependsOnKeyLengthAndEveryByte) {
  SeededRandom random(1);
  const KeyedHash hash(random);
  const KeyedHash other(random);
  const auto bytes = counting_bytes(57);
  EXPECT_NE(hash(bytes), other(bytes));
  EXPECT_NE(hash(std::vector<std::uint8_t>(3)), hash(std::vector<std::uint8_t>(4)));
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    auto changed = bytes;
    changed[i] ^= 1;
    EXPECT_NE(hash(bytes), hash(changed)) << "byte " << i;
  }
}

}  // namespace
}  // namespace oneping
