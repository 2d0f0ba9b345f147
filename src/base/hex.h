// Hexadecimal text of bytes.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"

namespace oneping {

[[nodiscard]] std::string to_hex(Bytes bytes);

// Fills all of `bytes`; false if `text` has not two digits for each.
[[nodiscard]] bool from_hex(std::string_view text, MutableBytes bytes);

}  // namespace oneping
