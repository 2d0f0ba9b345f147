// Which Host headers (RFC 9110, 7.2) an endpoint for this machine believes.
#pragma once

#include <string_view>

#include "wire/ip_address.h"

namespace oneping {

// An endpoint at a loopback address believes localhost, 127.0.0.1, [::1] and that address, each
// with any port or none. Any other address was made reachable on purpose, by names that only its
// clients know: there every Host is believed.
[[nodiscard]] bool is_trusted_host(std::string_view host, const IpAddress& listening);

}  // namespace oneping
