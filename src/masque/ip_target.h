// Where an IP proxying request goes (RFC 9484, 3 and 4.6): the default URI template,
// /.well-known/masque/ip/{target}/{ipproto}/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "wire/ip_address.h"

namespace oneping::masque {

// What is asked for: everything, and that is what ours asks.
inline constexpr std::string_view kWholeIpPath = "/.well-known/masque/ip/*/*/";

struct IpTarget {
  struct Any {
    friend bool operator==(const Any&, const Any&) = default;
  };
  std::variant<Any, Prefix, std::string> target;  // a string is a host's name
  std::optional<std::uint8_t> protocol;           // none: any
  [[nodiscard]] bool is_whole() const { return std::holds_alternative<Any>(target) && !protocol; }
};

enum class IpPathError : std::uint8_t {
  other_path,  // not under the template's beginning
  malformed,   // it is, but breaks the rules of 4.6
};

[[nodiscard]] std::variant<IpTarget, IpPathError> parse_ip_path(std::string_view path);

}  // namespace oneping::masque
