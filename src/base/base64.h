// Base64 with the standard alphabet (RFC 4648, 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace oneping {

[[nodiscard]] std::string to_base64(Bytes bytes);  // with padding

// With padding or without. Nothing for other characters, a wrong length, or bits left over.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

}  // namespace oneping
