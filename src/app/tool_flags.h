// What the command lines of ping, trace and mtr have in common, and how they read values. Their
// letters are those of the tools that users know.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "probe/names.h"
#include "wire/ip_address.h"

namespace CLI {
class App;
}

namespace oneping {

struct ToolFlags {
  std::string host;
  std::string state;  // folder; empty: the user's own
  bool only_v4 = false;
  bool only_v6 = false;
  probe::Naming naming = probe::Naming::names;
};

// DEST, -4, -6, -n and --state. `flags` must outlive `command`.
void add_tool_flags(CLI::App& command, ToolFlags& flags);

// The host's addresses of the families that are wanted, as the system prefers them; never empty.
// Waits for the system's resolver.
[[nodiscard]] Result<std::vector<IpAddress>> addresses_of(const ToolFlags& flags);

// What --state says, or the user's own.
[[nodiscard]] Result<std::string> state_folder(const std::string& folder);
void add_state_flag(CLI::App& command, std::string& folder);

using ReadValue = std::function<Result<void>(const std::string& text)>;
// A flag with a value; what is wrong with that is the command line's error.
void add_value(CLI::App& command, const std::string& names, const char* placeholder,
               const std::string& help, ReadValue read);

// Whole numbers within bounds, decimal or as 0x10.
[[nodiscard]] Result<std::uint64_t> read_number(const std::string& text, std::uint64_t min,
                                                std::uint64_t max);
// "0.2": seconds; at most as many as fit into years.
[[nodiscard]] Result<Duration> read_seconds(const std::string& text);
// Any number that is not negative.
[[nodiscard]] Result<double> read_factor(const std::string& text);

// Readers into a variable, which must outlive them.
template <typename T>
[[nodiscard]] ReadValue number_into(T& to, std::uint64_t min, std::uint64_t max) {
  return [&to, min, max](const std::string& text) -> Result<void> {
    const auto value = read_number(text, min, max);
    if (!value) return tl::make_unexpected(value.error());
    if constexpr (requires { typename T::value_type; }) {
      to = static_cast<typename T::value_type>(*value);
    } else {
      to = static_cast<T>(*value);
    }
    return {};
  };
}
template <typename T>
[[nodiscard]] ReadValue seconds_into(T& to) {
  return [&to](const std::string& text) -> Result<void> {
    const auto value = read_seconds(text);
    if (!value) return tl::make_unexpected(value.error());
    to = *value;
    return {};
  };
}

}  // namespace oneping
