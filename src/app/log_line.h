// One line of the log: RFC 3339 time in UTC, level, message.
#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "app/log_options.h"

namespace oneping {

// Ends in a newline and has no other. Control characters become \xNN as text, and are escaped in
// JSON; bytes that are not UTF-8 become U+FFFD in JSON.
[[nodiscard]] std::string log_line(LogFormat format, std::chrono::system_clock::time_point time,
                                   std::string_view level, std::string_view message);

}  // namespace oneping
