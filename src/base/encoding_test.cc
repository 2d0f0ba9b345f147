#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <array>

#include "base/base64.h"
#include "base/hex.h"
#include "base/uuid.h"

namespace oneping {
namespace {

Bytes bytes_of(const std::string& text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

TEST(Base64, TestVectorsOfRfc4648) {
  const std::pair<const char*, const char*> cases[] = {{"", ""},
                                                       {"f", "Zg=="},
                                                       {"fo", "Zm8="},
                                                       {"foo", "Zm9v"},
                                                       {"foob", "Zm9vYg=="},
                                                       {"fooba", "Zm9vYmE="},
                                                       {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : cases) {
    EXPECT_EQ(to_base64(bytes_of(plain)), encoded);
    const auto decoded = from_base64(encoded);
    ASSERT_TRUE(decoded) << encoded;
    EXPECT_EQ(std::string(decoded->begin(), decoded->end()), plain);
  }
}

TEST(Base64, RefusesDamage) {
  for (const char* text :
       {"Z", "Zg=", "Zg===", "=", "====", "Z=g=", "Zm9v Zm9v", "Zm9-", "Zh==", "Zm9vZ"}) {
    EXPECT_FALSE(from_base64(text)) << text;
  }
  EXPECT_TRUE(from_base64("Zg")) << "padding may be left out";
}

TEST(Base64, WhatWasEncodedIsDecodedWithOrWithoutPadding) {
  EXPECT_TRUE(rc::check([](const std::vector<std::uint8_t>& bytes) {
    std::string text = to_base64(bytes);
    RC_ASSERT(from_base64(text) == bytes);
    text.erase(text.find_last_not_of('=') + 1);
    RC_ASSERT(from_base64(text) == bytes);
  }));
}

TEST(Hex, BothWays) {
  const std::array<std::uint8_t, 3> bytes = {0x00, 0x9f, 0xff};
  EXPECT_EQ(to_hex(bytes), "009fff");
  std::array<std::uint8_t, 3> back{};
  EXPECT_TRUE(from_hex("009FfF", back));
  EXPECT_EQ(back, bytes);
  for (const char* text : {"", "009ff", "009fff0", "009ffg", "-09fff", "0x9fff"}) {
    EXPECT_FALSE(from_hex(text, back)) << text;
  }
}

TEST(Uuid, ParseIsTheInverseOfToString) {
  SeededRandom random(7);
  for (int i = 0; i < 100; ++i) {
    const auto uuid = random_uuid(random);
    const std::string text = to_string(uuid);
    EXPECT_EQ(parse_uuid(text), uuid) << text;
    EXPECT_EQ(text[14], '4');                                          // version (RFC 9562, 5.4)
    EXPECT_NE(std::string("89ab").find(text[19]), std::string::npos);  // variant
  }
  for (const char* text :
       {"", "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000",
        "00000000000000000000000000000000", "0000000g-0000-0000-0000-000000000000",
        "000000000-000-0000-0000-000000000000"}) {
    EXPECT_FALSE(parse_uuid(text)) << text;
  }
}

}  // namespace
}  // namespace oneping
