// Which Host headers (RFC 9110, 7.2) an endpoint for this machine believes.
#pragma once

#include <string_view>

#include "wire/ip_address.h"

namespace oneping {

// localhost, 127.0.0.1, [::1] or the address it listens at, each with any port or none.
[[nodiscard]] bool is_trusted_host(std::string_view host, const IpAddress& listening);

}  // namespace oneping
