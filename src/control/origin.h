// Which pages a request may come from (RFC 6454, 7; RFC 9110, 7.2).
#pragma once

#include <string_view>

namespace oneping::control {

// Is the page that asks this server's own? `origin` and `host` are the fields of one request. A
// browser says both itself, and leaves a scheme's own port out of both, so that they are equal but
// for the scheme, which a TLS proxy in front of the edge changes.
[[nodiscard]] bool is_own_origin(std::string_view origin, std::string_view host);

}  // namespace oneping::control
