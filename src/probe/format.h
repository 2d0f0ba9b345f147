// printf into a string.
#pragma once

#include <string>

namespace oneping::probe {

[[nodiscard, gnu::format(printf, 1, 2)]] std::string format(const char* pattern, ...);

}  // namespace oneping::probe
