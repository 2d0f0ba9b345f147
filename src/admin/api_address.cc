#include "admin/api_address.h"

#include <sys/un.h>

#include <charconv>
#include <optional>
#include <string_view>

namespace oneping::admin {

namespace {

constexpr std::string_view kScheme = "http://";
constexpr std::size_t kLongestPath = sizeof(sockaddr_un::sun_path) - 1;

std::optional<HttpServer> parse_server(std::string_view text) {
  if (text.ends_with('/')) text.remove_suffix(1);
  const auto colon = text.rfind(':');
  if (colon == text.npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view digits = text.substr(colon + 1);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != host.npos) {
    return std::nullopt;
  }
  std::uint16_t port = 0;
  const auto [stop, error] = std::from_chars(digits.begin(), digits.end(), port);
  const bool is_number = error == std::errc{} && stop == digits.end() && port != 0;
  if (!is_number || host.empty() || host.find_first_of("/@?# ") != host.npos) return std::nullopt;
  return HttpServer{std::string(host), port};
}

}  // namespace

Result<ApiAddress> parse_api_address(const std::string& text) {
  if (text.starts_with(kScheme)) {
    if (const auto server = parse_server(std::string_view(text).substr(kScheme.size()))) {
      return *server;
    }
  } else if (text.find('/') != text.npos && text.find("://") == text.npos) {
    if (text.size() <= kLongestPath) return UnixSocket{text};
    return fail("'" + text + "' is too long for a socket's path, which has " +
                std::to_string(kLongestPath) + " bytes at most");
  }
  return fail("'" + text + "' is no address of a control API: write a socket's path, for example " +
              "/run/oneping/edge.sock, or http://HOST:PORT");
}

std::string to_string(const ApiAddress& address) {
  if (const auto* socket = std::get_if<UnixSocket>(&address)) return socket->path;
  const auto& server = std::get<HttpServer>(address);
  const bool is_ipv6 = server.host.find(':') != server.host.npos;
  return std::string(kScheme) + (is_ipv6 ? "[" + server.host + "]" : server.host) + ":" +
         std::to_string(server.port);
}

}  // namespace oneping::admin
