// Is it UTF-8 (RFC 3629, 4)? Overlong forms, surrogates and what is beyond U+10FFFF are not.
#pragma once

#include <string_view>

namespace oneping {

[[nodiscard]] bool is_utf8(std::string_view text);

}  // namespace oneping
