// Cookies as they stand in requests and answers (RFC 6265).
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace oneping::control {

// The value of a name in a Cookie header; nothing if it is not there.
[[nodiscard]] std::optional<std::string_view> find_cookie(std::string_view header,
                                                          std::string_view name);

// A Set-Cookie header's value: for every path of this host alone, out of reach of scripts and of
// other sites. `is_secure`: for TLS only. A lifetime of zero removes it.
[[nodiscard]] std::string cookie_to_set(const std::string& name, const std::string& value,
                                        std::chrono::seconds lifetime, bool is_secure);

}  // namespace oneping::control
