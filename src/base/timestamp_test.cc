#include "base/timestamp.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace oneping {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

constexpr std::int64_t kEndOf9999 = 253402300800000;  // ms

TEST(Timestamp, PrintsUtcToTheMillisecond) {
  EXPECT_EQ(timestamp_text(Timestamp()), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(timestamp_text(sys_days(2026y / 11 / 21) + 23h + 28min + 14s + 7ms),
            "2026-11-21T23:28:14.007Z");
  EXPECT_EQ(timestamp_text(Timestamp(milliseconds(kEndOf9999 - 1))), "9999-12-31T23:59:59.999Z");
}

TEST(Timestamp, ReadsRfc3339) {
  struct Case {
    std::string_view text;
    Timestamp expected;
  };
  const Case cases[] = {
      {"1970-01-01T00:00:00Z", Timestamp()},
      {"2026-11-21T23:28:14.000Z", sys_days(2026y / 11 / 21) + 23h + 28min + 14s},
      {"2026-11-21t23:28:14z", sys_days(2026y / 11 / 21) + 23h + 28min + 14s},
      // RFC 3339, 5.8
      {"1985-04-12T23:20:50.52Z", sys_days(1985y / 4 / 12) + 23h + 20min + 50s + 520ms},
      {"1996-12-19T16:39:57-08:00", sys_days(1996y / 12 / 20) + 39min + 57s},
      {"2026-01-01T01:30:00+05:45", sys_days(2025y / 12 / 31) + 19h + 45min},
      {"2026-01-01T00:00:00-00:00", sys_days(2026y / 1 / 1)},
      {"2026-01-01T00:00:00+23:59", sys_days(2025y / 12 / 31) + 1min},
      {"2026-01-01T00:00:00.1Z", sys_days(2026y / 1 / 1) + 100ms},
      {"2026-01-01T00:00:00.12Z", sys_days(2026y / 1 / 1) + 120ms},
      {"2026-01-01T00:00:00.001999999Z", sys_days(2026y / 1 / 1) + 1ms},
      {"2024-02-29T00:00:00Z", sys_days(2024y / 2 / 29)},
      {"2000-02-29T00:00:00Z", sys_days(2000y / 2 / 29)},
      {"1969-12-31T23:30:00-01:00", Timestamp(30min)},
      {"9999-12-31T23:59:59.999Z", Timestamp(milliseconds(kEndOf9999 - 1))},
  };
  for (const auto& c : cases) EXPECT_EQ(parse_timestamp(c.text), c.expected) << c.text;
}

TEST(Timestamp, RefusesEverythingElse) {
  const std::string_view cases[] = {
      "",
      "2026",
      "2026-11-21",
      "2026-11-21T23:28Z",
      "2026-11-21T23:28:14",              // no offset
      "2026-11-21 23:28:14Z",             // no T
      "2026-11-21T23:28:14.Z",            // a point without digits
      "2026-11-21T23:28:14.1234567890Z",  // ten of them
      "2026-11-21T23:28:14,5Z",
      "2026-11-21T23:28:14+0100",
      "2026-11-21T23:28:14+01",
      "2026-11-21T23:28:14+24:00",
      "2026-11-21T23:28:14+01:60",
      "2026-11-21T23:28:14 Z",
      "2026-11-21T23:28:14ZZ",
      "2026-11-21T23:28:14Z ",
      " 2026-11-21T23:28:14Z",
      "2026-11-21T24:00:00Z",
      "2026-11-21T23:60:00Z",
      "2016-12-31T23:59:60Z",  // a leap second
      "2026-13-01T00:00:00Z",
      "2026-00-01T00:00:00Z",
      "2026-01-00T00:00:00Z",
      "2026-01-32T00:00:00Z",
      "2026-04-31T00:00:00Z",
      "2026-02-29T00:00:00Z",  // no leap year
      "1900-02-29T00:00:00Z",
      "2026-1-01T00:00:00Z",
      "26-01-01T00:00:00Z",
      "+2026-01-01T00:00:00Z",
      "-026-01-01T00:00:00Z",
      "2026-01-01T+1:00:00Z",
      "1969-12-31T23:59:59.999Z",
      "1970-01-01T00:30:00+01:00",  // 1969 in UTC
      "9999-12-31T23:30:00-01:00",  // 10000 in UTC
      "10000-01-01T00:00:00Z",
      "0000-01-01T00:00:00Z",
      std::string_view("2026-11-21T23:28:14Z\0", 21),
  };
  for (const auto text : cases) EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
}

TEST(Timestamp, RefusesEachTextCutShort) {
  const std::string_view whole = "2026-11-21T23:28:14.250+01:00";
  for (std::size_t n = 0; n < whole.size(); ++n) {
    EXPECT_EQ(parse_timestamp(whole.substr(0, n)), std::nullopt) << whole.substr(0, n);
  }
}

RC_GTEST_PROP(Timestamp, ReadsWhatItPrints, ()) {
  const Timestamp time(milliseconds(*rc::gen::inRange<std::int64_t>(0, kEndOf9999)));
  RC_ASSERT(parse_timestamp(timestamp_text(time)) == time);
}

// Any bytes are read or refused; what is read is a time that can be printed.
RC_GTEST_PROP(Timestamp, SurvivesAnyText, ()) {
  auto text =
      timestamp_text(Timestamp(milliseconds(*rc::gen::inRange<std::int64_t>(0, kEndOf9999))));
  text[*rc::gen::inRange<std::size_t>(0, text.size())] = *rc::gen::arbitrary<char>();
  if (const auto time = parse_timestamp(text)) {
    RC_ASSERT(parse_timestamp(timestamp_text(*time)) == time);
  }
}

}  // namespace
}  // namespace oneping
