#include "control/cookie.h"

namespace oneping::control {

std::optional<std::string_view> find_cookie(std::string_view header, std::string_view name) {
  while (!header.empty()) {
    std::string_view pair = header.substr(0, header.find(';'));
    header.remove_prefix(std::min(pair.size() + 1, header.size()));
    while (pair.starts_with(' ')) pair.remove_prefix(1);
    while (pair.ends_with(' ')) pair.remove_suffix(1);
    if (pair.size() > name.size() && pair.starts_with(name) && pair[name.size()] == '=') {
      return pair.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::string cookie_to_set(const std::string& name, const std::string& value,
                          std::chrono::seconds lifetime, bool is_secure) {
  return name + "=" + value + "; Path=/; Max-Age=" + std::to_string(lifetime.count()) +
         "; HttpOnly; SameSite=Strict" + (is_secure ? "; Secure" : "");
}

}  // namespace oneping::control
