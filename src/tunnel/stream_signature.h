// The six bytes with which a stream other than the control stream says what it carries.
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"

namespace oneping::tunnel {

using StreamSignature = std::array<std::uint8_t, 6>;

inline constexpr StreamSignature kRpcSignature = {0x52, 0xbb, 0x82, 0x5c, 0xdb, 0x65};
inline constexpr StreamSignature kDataSignature = {0x0a, 0x36, 0xcd, 0x12, 0xa1, 0x3e};
// Follows the data signature, each way.
inline constexpr std::array<std::uint8_t, 2> kDataVersion = {'0', '1'};

enum class StreamKind : std::uint8_t {
  undecided,  // all bytes so far fit a signature that is not complete
  rpc,
  data,
  unknown,
};

[[nodiscard]] StreamKind stream_kind(Bytes beginning);

}  // namespace oneping::tunnel
