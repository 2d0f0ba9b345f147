#include "admin/display_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace oneping::admin {
namespace {

struct Case {
  const char* name;
  std::string text;
  std::string shown;
  std::size_t width;
};

TEST(DisplayText, EscapesWhatSteersTheTerminalOrMisleads) {
  const Case cases[] = {
      {"nothing", "", "", 0},
      {"plain", "Head office (2)", "Head office (2)", 15},
      {"umlauts", "B\u00fcro", "B\u00fcro", 4},
      {"a combining mark", "Bu\u0308ro", "Bu\u0308ro", 4},
      {"wide characters", "\u6771\u4eac", "\u6771\u4eac", 4},
      {"an emoji", "\U0001f680", "\U0001f680", 2},
      {"a line's end", "a\nb\r\tc", "a\\nb\\x0d\\tc", 11},
      {"an escape sequence", "\x1b[31mred", "\\x1b[31mred", 11},
      {"a null byte", std::string("a\0b", 3), "a\\x00b", 6},
      {"delete", "\x7f", "\\x7f", 4},
      {"a C1 control, which begins sequences too", "\u009b31m", "\\u009b31m", 9},
      {"right to left", "a\u202eb", "a\\u202eb", 8},
      {"what cannot be seen", "a\u200bb", "a\\u200bb", 8},
      {"broken UTF-8", "a\xff\xc3", "a\\xff\\xc3", 9},
      {"an overlong form", "\xc0\xaf", "\\xc0\\xaf", 8},
      {"half a surrogate pair", "\xed\xa0\x80", "\\xed\\xa0\\x80", 12},
      {"beyond Unicode", "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80", 16},
  };
  for (const auto& c : cases) {
    EXPECT_EQ(printable(c.text), c.shown) << c.name;
    EXPECT_EQ(display_width(c.shown), c.width) << c.name;
  }
}

RC_GTEST_PROP(DisplayTextProperty, WhateverItIsItCanBeShown, (const std::string& text)) {
  const std::string shown = printable(text);
  for (const char c : shown) RC_ASSERT(static_cast<unsigned char>(c) >= 0x20 && c != '\x7f');
  RC_ASSERT(printable(shown) == shown);
  RC_ASSERT(display_width(shown) <= shown.size());
}

}  // namespace
}  // namespace oneping::admin
