// The text of one setting to its value and back, for every type that a setting has. Errors say what
// is wrong with the text and what to write instead; the caller adds where it stood.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/time.h"
#include "io/interface_address.h"
#include "io/resolve.h"
#include "wire/ip_address.h"

namespace oneping {

[[nodiscard]] Result<void> parse_setting(const std::string& text, std::string& value);
// "30s", "500ms", "2m", "1h".
[[nodiscard]] Result<void> parse_setting(const std::string& text, Duration& value);
[[nodiscard]] Result<void> parse_setting(const std::string& text, SocketAddress& value);
// "none" switches off.
[[nodiscard]] Result<void> parse_setting(const std::string& text,
                                         std::optional<SocketAddress>& value);
[[nodiscard]] Result<void> parse_setting(const std::string& text, HostPort& value);
[[nodiscard]] Result<void> parse_setting(const std::string& text, Prefix& value);
[[nodiscard]] Result<void> parse_setting(const std::string& text, InterfaceAddress& value);

[[nodiscard]] std::string setting_text(const std::string& value);
[[nodiscard]] std::string setting_text(Duration value);
[[nodiscard]] std::string setting_text(const std::optional<SocketAddress>& value);
template <typename T>
requires requires(const T& value) {
  { value.to_string() } -> std::same_as<std::string>;
}
[[nodiscard]] std::string setting_text(const T& value) { return value.to_string(); }

// A whole number in decimal, within the bounds.
[[nodiscard]] Result<std::uint64_t> parse_number(const std::string& text, std::uint64_t min,
                                                 std::uint64_t max);

// An address of the family that is asked for.
[[nodiscard]] Result<IpAddress> parse_address(const std::string& text, IpFamily family);

}  // namespace oneping
