#include "tunnel/testing/recorded_rpc.h"

namespace oneping::tunnel::testing {

namespace {

std::uint8_t digit(char c) { return static_cast<std::uint8_t>(c >= 'a' ? c - 'a' + 10 : c - '0'); }

}  // namespace

ByteString from_hex(std::string_view text) {
  ByteString bytes;
  bool high = true;
  for (const char c : text) {
    if (c == ' ') continue;
    if (high) {
      bytes.push_back(static_cast<std::uint8_t>(digit(c) << 4));
    } else {
      bytes.back() = static_cast<std::uint8_t>(bytes.back() | digit(c));
    }
    high = !high;
  }
  return bytes;
}

}  // namespace oneping::tunnel::testing
