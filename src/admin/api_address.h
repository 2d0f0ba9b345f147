// Where a control API listens: a Unix socket, or HTTP over TCP.
#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "base/result.h"

namespace oneping::admin {

struct UnixSocket {
  std::string path;
};
struct HttpServer {
  std::string host;  // a name or an address, IPv6 without brackets
  std::uint16_t port = 0;
};
using ApiAddress = std::variant<UnixSocket, HttpServer>;

// "/run/oneping/edge.sock", "http://127.0.0.1:9792".
[[nodiscard]] Result<ApiAddress> parse_api_address(const std::string& text);
[[nodiscard]] std::string to_string(const ApiAddress& address);

}  // namespace oneping::admin
