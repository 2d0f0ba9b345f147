#include "base/utf8.h"

#include <gtest/gtest.h>

namespace oneping {
namespace {

using namespace std::string_view_literals;

TEST(Utf8, TakesEachForm) {
  const std::string_view cases[] = {
      ""sv,
      "plain"sv,
      "\0"sv,
      "\x7f"sv,
      "\xc2\x80"sv,          // U+0080
      "\xdf\xbf"sv,          // U+07FF
      "\xe0\xa0\x80"sv,      // U+0800
      "\xed\x9f\xbf"sv,      // U+D7FF
      "\xee\x80\x80"sv,      // U+E000
      "\xef\xbf\xbf"sv,      // U+FFFF
      "\xf0\x90\x80\x80"sv,  // U+10000
      "\xf4\x8f\xbf\xbf"sv,  // U+10FFFF
      "Z\xc3\xbcrich, \xe6\x9d\xb1\xe4\xba\xac"sv,
  };
  for (const auto text : cases) EXPECT_TRUE(is_utf8(text)) << text;
}

TEST(Utf8, RefusesEverythingElse) {
  const std::string_view cases[] = {
      "\x80"sv,  // a tail alone
      "\xbf"sv,
      "\xc0\x80"sv,  // overlong U+0000
      "\xc1\xbf"sv,
      "\xe0\x9f\xbf"sv,      // overlong U+07FF
      "\xf0\x8f\xbf\xbf"sv,  // overlong U+FFFF
      "\xed\xa0\x80"sv,      // U+D800, a surrogate
      "\xed\xbf\xbf"sv,
      "\xf4\x90\x80\x80"sv,  // U+110000
      "\xf5\x80\x80\x80"sv,
      "\xff"sv,
      "\xc2"sv,  // cut short
      "\xe1\x80"sv,
      "\xf1\x80\x80"sv,
      "\xc2 "sv,  // no tail
      "\xe1\x80 "sv,
      "\xf1\x80\x80 "sv,
      "good, then \xff"sv,
  };
  for (const auto text : cases) EXPECT_FALSE(is_utf8(text)) << text;
}

}  // namespace
}  // namespace oneping
