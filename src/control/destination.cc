#include "control/destination.h"

#include <charconv>

#include "wire/ip_address.h"

namespace oneping::control {

std::optional<edge::PortQuestion> parse_port(std::string_view text) {
  edge::PortQuestion port;
  const auto [behind, error] = std::from_chars(text.data(), text.data() + text.size(), port.number);
  if (error != std::errc() || port.number == 0) return std::nullopt;
  const std::string_view rest(behind, static_cast<std::size_t>(text.data() + text.size() - behind));
  if (rest == "/udp") port.transport = edge::Transport::udp;
  return rest.empty() || rest == "/tcp" || rest == "/udp" ? std::optional(port) : std::nullopt;
}

std::optional<Destination> parse_destination(std::string_view text) {
  if (text.size() > 2 && text.front() == '[' && text.back() == ']') {
    return Destination{std::string(text.substr(1, text.size() - 2)), std::nullopt};
  }
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || IpAddress::parse(text)) {
    return Destination{std::string(text), std::nullopt};
  }
  std::string_view host = text.substr(0, colon);
  const bool is_bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (is_bracketed) host = host.substr(1, host.size() - 2);
  const auto port = parse_port(text.substr(colon + 1));
  if (!port || (!is_bracketed && host.find(':') != std::string_view::npos)) return std::nullopt;
  return Destination{std::string(host), port};
}

}  // namespace oneping::control
