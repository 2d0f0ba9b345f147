#include "control/origin.h"

#include <algorithm>
#include <cctype>

namespace oneping::control {

bool is_own_origin(std::string_view origin, std::string_view host) {
  constexpr std::string_view kHttp = "http://";
  constexpr std::string_view kHttps = "https://";
  if (origin.starts_with(kHttp)) {
    origin.remove_prefix(kHttp.size());
  } else if (origin.starts_with(kHttps)) {
    origin.remove_prefix(kHttps.size());
  } else {
    return false;  // "null" too, which a sandboxed page says
  }
  const auto small = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  return !host.empty() && std::equal(origin.begin(), origin.end(), host.begin(), host.end(),
                                     [&](char a, char b) { return small(a) == small(b); });
}

}  // namespace oneping::control
