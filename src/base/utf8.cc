#include "base/utf8.h"

#include <algorithm>
#include <cstdint>

namespace oneping {

namespace {

struct Byte {
  std::uint8_t first;
  std::uint8_t last;
};
constexpr Byte kTail{0x80, 0xbf};

// How a character may begin, and what its second byte may be then; the others are tails.
struct Form {
  Byte lead;
  Byte second;
  std::size_t size;
};
constexpr Form kForms[] = {
    {{0x00, 0x7f}, {}, 1},           {{0xc2, 0xdf}, kTail, 2},
    {{0xe0, 0xe0}, {0xa0, 0xbf}, 3}, {{0xe1, 0xec}, kTail, 3},
    {{0xed, 0xed}, {0x80, 0x9f}, 3}, {{0xee, 0xef}, kTail, 3},
    {{0xf0, 0xf0}, {0x90, 0xbf}, 4}, {{0xf1, 0xf3}, kTail, 4},
    {{0xf4, 0xf4}, {0x80, 0x8f}, 4},
};

bool is_in(char c, Byte range) {
  const auto byte = static_cast<std::uint8_t>(c);
  return byte >= range.first && byte <= range.last;
}

bool begins_with(std::string_view text, const Form& form) {
  if (text.size() < form.size || !is_in(text[0], form.lead)) return false;
  if (form.size > 1 && !is_in(text[1], form.second)) return false;
  for (std::size_t i = 2; i < form.size; ++i) {
    if (!is_in(text[i], kTail)) return false;
  }
  return true;
}

}  // namespace

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const auto* form = std::find_if(std::begin(kForms), std::end(kForms),
                                    [&](const Form& f) { return begins_with(text, f); });
    if (form == std::end(kForms)) return false;
    text.remove_prefix(form->size);
  }
  return true;
}

}  // namespace oneping
