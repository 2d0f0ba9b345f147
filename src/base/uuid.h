// UUIDs (RFC 9562): random ones, from text and to text.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace oneping {

using Uuid = std::array<std::uint8_t, 16>;

// Version 4.
[[nodiscard]] Uuid random_uuid(Random& random);

// 8-4-4-4-12 hexadecimal digits, small or capital.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

// Small digits.
[[nodiscard]] std::string to_string(const Uuid& uuid);

}  // namespace oneping
