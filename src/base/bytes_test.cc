#include "base/bytes.h"

#include <gtest/gtest.h>

#include <array>

namespace oneping {
namespace {

TEST(Bytes, LoadsAreBigEndian) {
  const std::array<std::uint8_t, 8> bytes{0x81, 0x02, 0x83, 0x04, 0x85, 0x06, 0x87, 0x08};
  EXPECT_EQ(load_be16(bytes.data()), 0x8102u);
  EXPECT_EQ(load_be32(bytes.data()), 0x81028304u);
  EXPECT_EQ(load_be64(bytes.data()), 0x8102830485068708u);
}

TEST(Bytes, StoresAreBigEndianAndTouchNothingElse) {
  std::array<std::uint8_t, 10> bytes{};
  store_be16(&bytes[1], 0x8102);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 10>{0, 0x81, 0x02}));
  store_be32(&bytes[1], 0x81028304);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 10>{0, 0x81, 0x02, 0x83, 0x04}));
  store_be64(&bytes[1], 0x8102830485068708);
  EXPECT_EQ(bytes, (std::array<std::uint8_t, 10>{0, 0x81, 2, 0x83, 4, 0x85, 6, 0x87, 8}));
}

}  // namespace
}  // namespace oneping
