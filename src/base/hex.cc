#include "base/hex.h"

#include <charconv>

namespace oneping {

std::string to_hex(Bytes bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const auto byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool from_hex(std::string_view text, MutableBytes bytes) {
  if (text.size() != 2 * bytes.size()) return false;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char* begin = text.data() + 2 * i;
    const auto [stop, error] = std::from_chars(begin, begin + 2, bytes[i], 16);
    if (error != std::errc{} || stop != begin + 2) return false;
  }
  return true;
}

}  // namespace oneping
