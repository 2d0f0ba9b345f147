// For tests: HTTP/3 by hand, for peers that break its rules.
#pragma once

#include <string_view>
#include <vector>

#include "masque/http_message.h"
#include "masque/varint.h"

namespace oneping::masque::testing {

using RawBytes = std::vector<std::uint8_t>;

inline RawBytes operator+(RawBytes a, const RawBytes& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

inline RawBytes frame(std::uint64_t type, const RawBytes& payload) {
  RawBytes bytes;
  append_varint(bytes, type);
  append_varint(bytes, payload.size());
  return bytes + payload;
}

// A length with a prefix of `bits` bits, in whose byte the upper ones are `flags` (RFC 7541, 5.1).
inline void append_prefixed(RawBytes& to, std::uint8_t flags, int bits, std::size_t number) {
  const std::size_t max = (std::size_t{1} << bits) - 1;
  if (number < max) {
    to.push_back(static_cast<std::uint8_t>(flags | number));
    return;
  }
  to.push_back(static_cast<std::uint8_t>(flags | max));
  for (number -= max; number >= 128; number >>= 7) {
    to.push_back(static_cast<std::uint8_t>(number | 0x80));
  }
  to.push_back(static_cast<std::uint8_t>(number));
}

// A HEADERS frame of literals alone (RFC 9204, 4.5.6).
inline RawBytes headers(const HttpFields& fields) {
  RawBytes block = {0x00, 0x00};  // neither dynamic entries nor a base
  for (const HttpField& field : fields) {
    append_prefixed(block, 0x20, 3, field.name.size());
    block.insert(block.end(), field.name.begin(), field.name.end());
    append_prefixed(block, 0x00, 7, field.value.size());
    block.insert(block.end(), field.value.begin(), field.value.end());
  }
  return frame(0x01, block);
}

inline RawBytes data_frame(const RawBytes& payload) { return frame(0x00, payload); }

}  // namespace oneping::masque::testing
