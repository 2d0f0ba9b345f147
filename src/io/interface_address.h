// An address of a network interface with the length of its network: "10.1.2.3/24". Unlike a Prefix
// it keeps its host bits.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wire/ip_address.h"

namespace oneping {

struct InterfaceAddress {
  IpAddress address;
  int prefix_length = 0;

  // An address without a length is alone in its network.
  [[nodiscard]] static std::optional<InterfaceAddress> parse(std::string_view text);
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const InterfaceAddress&, const InterfaceAddress&) = default;
};

}  // namespace oneping
