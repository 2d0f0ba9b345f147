// UUIDs (RFC 9562): random ones, and from text.
#pragma once

#include <optional>
#include <string_view>

#include "base/random.h"
#include "tunnel/registration.h"

namespace oneping {

// Version 4.
[[nodiscard]] tunnel::Uuid random_uuid(Random& random);

// 8-4-4-4-12 hexadecimal digits, small or capital.
[[nodiscard]] std::optional<tunnel::Uuid> parse_uuid(std::string_view text);

}  // namespace oneping
