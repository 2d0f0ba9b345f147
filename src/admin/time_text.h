// Times and durations as people read and write them.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "base/result.h"
#include "base/timestamp.h"

namespace oneping::admin {

using Milliseconds = std::chrono::milliseconds;

// The two units that matter: "3d4h", "5m12s", "42s", "120ms".
[[nodiscard]] std::string duration_text(Milliseconds duration);
// Three digits that matter: "12.3 ms".
[[nodiscard]] std::string round_trip_text(double milliseconds);
// RFC 3339 in the time zone of whoever looks: "2026-11-21T23:28:14+01:00".
[[nodiscard]] std::string local_time_text(Timestamp time);

// "90s", "24h", "7d", "1h30m"; at most a hundred years.
[[nodiscard]] Result<Milliseconds> parse_duration(const std::string& text);

// Which way from now a duration points when a time is asked for.
enum class Sense : std::uint8_t { ahead, ago };

// A duration, RFC 3339, or a day with or without a time of the local zone ("2026-12-31",
// "2026-12-31 18:00").
[[nodiscard]] Result<Timestamp> parse_when(const std::string& text, Timestamp now, Sense sense);

}  // namespace oneping::admin
