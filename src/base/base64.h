// Base64 (RFC 4648).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace oneping {

// The standard alphabet (4).
[[nodiscard]] std::string to_base64(Bytes bytes);  // with padding

// With padding or without. Nothing for other characters, a wrong length, or bits left over.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64(std::string_view text);

// The alphabet for names of files and URLs (RFC 4648, 5), without padding.
[[nodiscard]] std::string to_base64url(Bytes bytes);
[[nodiscard]] std::optional<std::vector<std::uint8_t>> from_base64url(std::string_view text);

}  // namespace oneping
