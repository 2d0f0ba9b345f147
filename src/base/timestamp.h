// Times of day, as the store keeps them and people read them: RFC 3339 in UTC, to the millisecond.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace oneping {

using Timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

// Those that have a text: the years 1970 to 9999.
inline constexpr Timestamp kFirstTimestamp = std::chrono::sys_days(std::chrono::year(1970) / 1 / 1);
inline constexpr Timestamp kLastTimestamp =
    std::chrono::sys_days(std::chrono::year(10000) / 1 / 1) - std::chrono::milliseconds(1);

// "2026-11-21T23:28:14.000Z".
[[nodiscard]] std::string timestamp_text(Timestamp time);

// RFC 3339, 5.6, with any offset and at most nine digits of a second's fraction (cut to three).
// Nothing for anything else, a leap second too, and for times before the first or after the last.
[[nodiscard]] std::optional<Timestamp> parse_timestamp(std::string_view text);

}  // namespace oneping
