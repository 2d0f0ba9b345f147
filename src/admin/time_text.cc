#include "admin/time_text.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <optional>
#include <string_view>

namespace oneping::admin {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

struct Unit {
  std::string_view name;
  Milliseconds size;
};
constexpr Unit kUnits[] = {
    {"d", days(1)}, {"h", hours(1)}, {"m", minutes(1)}, {"s", seconds(1)}, {"ms", Milliseconds(1)}};
constexpr Milliseconds kLongest = days(36500);

std::optional<Timestamp> parse_local(const std::string& text) {
  // As if it were UTC first: that parser knows what a date is.
  constexpr std::string_view kPattern = "YYYY-MM-DDThh:mm:ss";
  std::string whole = text;
  if (whole.size() == kPattern.find('T')) whole += "T00:00";
  if (whole.size() == kPattern.rfind(':')) whole += ":00";
  if (whole.size() != kPattern.size()) return std::nullopt;
  if (whole[kPattern.find('T')] == ' ') whole[kPattern.find('T')] = 'T';
  const auto utc = parse_timestamp(whole + "Z");
  if (!utc) return std::nullopt;

  const std::time_t as_utc = std::chrono::floor<seconds>(*utc).time_since_epoch().count();
  std::tm fields{};
  ::gmtime_r(&as_utc, &fields);
  fields.tm_isdst = -1;  // whichever holds then
  return Timestamp(seconds(std::mktime(&fields)));
}

}  // namespace

std::string duration_text(Milliseconds duration) {
  if (duration < Milliseconds::zero()) return "-" + duration_text(-duration);
  for (std::size_t i = 0; i < std::size(kUnits); ++i) {
    const auto& [name, size] = kUnits[i];
    if (duration < size) continue;
    std::string text = std::to_string(duration / size) + std::string(name);
    // Beside seconds nobody wants milliseconds.
    if (i + 2 >= std::size(kUnits)) return text;
    const auto rest = (duration % size) / kUnits[i + 1].size;
    return rest == 0 ? text : text + std::to_string(rest) + std::string(kUnits[i + 1].name);
  }
  return "0s";
}

std::string round_trip_text(double milliseconds) {
  const int decimals = milliseconds >= 100 ? 0 : milliseconds >= 10 ? 1 : 2;
  char text[64];
  std::snprintf(text, sizeof text, "%.*f ms", decimals, milliseconds);
  return text;
}

std::string local_time_text(Timestamp time) {
  const std::time_t when = std::chrono::floor<seconds>(time).time_since_epoch().count();
  std::tm fields{};
  ::localtime_r(&when, &fields);
  char text[64];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &fields);
  std::string shown = text;
  return shown.insert(shown.size() - 2, ":");  // RFC 3339 has +01:00 where strftime() has +0100
}

Result<Milliseconds> parse_duration(const std::string& text) {
  const auto refuse = [&] {
    return fail("'" + text + "' is not a duration: write for example 30s, 24h, 7d or 1h30m, " +
                "and not more than " + duration_text(kLongest));
  };
  Milliseconds sum{};
  const Unit* unit = kUnits;
  const char* at = text.data();
  const char* const end = at + text.size();
  do {
    std::int64_t count = 0;
    const auto [stop, error] = std::from_chars(at, end, count);
    if (error != std::errc{} || count < 0) return refuse();
    const char* name_end = stop;
    while (name_end != end && *name_end >= 'a' && *name_end <= 'z') ++name_end;
    const std::string_view name(stop, static_cast<std::size_t>(name_end - stop));
    while (unit != std::end(kUnits) && unit->name != name) ++unit;  // from big to small, each once
    if (unit == std::end(kUnits) || count > kLongest / unit->size) return refuse();
    sum += count * unit->size;
    ++unit;
    at = name_end;
  } while (at != end);
  return sum <= kLongest ? Result<Milliseconds>(sum) : refuse();
}

Result<Timestamp> parse_when(const std::string& text, Timestamp now, Sense sense) {
  if (const auto duration = parse_duration(text)) {
    if (sense == Sense::ahead) return now + *duration;
    return std::max(now - *duration, kFirstTimestamp);
  }
  if (const auto time = parse_timestamp(text)) return *time;
  if (const auto time = parse_local(text)) return *time;
  return fail("'" + text +
              "' is neither a time nor a duration: write for example 24h, 2026-12-31, " +
              "'2026-12-31 18:00' or 2026-12-31T18:00:00Z");
}

}  // namespace oneping::admin
