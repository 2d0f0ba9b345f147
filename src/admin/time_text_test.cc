#include "admin/time_text.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <cstdlib>
#include <ctime>

namespace oneping::admin {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Two hours ahead of UTC, and three in summer.
class TimeTextTest : public testing::Test {
 protected:
  TimeTextTest() { set_zone("TST-2TSU,M3.5.0,M10.5.0/3"); }
  ~TimeTextTest() override { set_zone("UTC0"); }
  static void set_zone(const char* zone) {
    ::setenv("TZ", zone, 1);
    ::tzset();
  }
  static Timestamp at(const char* text) { return *parse_timestamp(text); }
};

TEST(DurationText, ShowsTheTwoUnitsThatMatter) {
  struct Case {
    Milliseconds duration;
    const char* text;
  };
  const Case cases[] = {
      {Milliseconds(0), "0s"},
      {Milliseconds(1), "1ms"},
      {Milliseconds(999), "999ms"},
      {Milliseconds(1999), "1s"},
      {seconds(59), "59s"},
      {seconds(60), "1m"},
      {minutes(5) + seconds(12), "5m12s"},
      {hours(1) + seconds(12), "1h"},
      {hours(23) + minutes(59), "23h59m"},
      {days(3) + hours(4) + minutes(5), "3d4h"},
      {days(400), "400d"},
      {seconds(-5), "-5s"},
  };
  for (const auto& c : cases) EXPECT_EQ(duration_text(c.duration), c.text);
}

TEST(RoundTripText, ShowsThreeDigits) {
  EXPECT_EQ(round_trip_text(0.1234), "0.12 ms");
  EXPECT_EQ(round_trip_text(1.5), "1.50 ms");
  EXPECT_EQ(round_trip_text(12.34), "12.3 ms");
  EXPECT_EQ(round_trip_text(123.4), "123 ms");
  EXPECT_EQ(round_trip_text(1234), "1234 ms");
}

TEST(ParseDuration, TakesUnitsFromBigToSmall) {
  struct Case {
    const char* text;
    Milliseconds duration;
  };
  const Case cases[] = {{"0s", Milliseconds(0)},
                        {"500ms", Milliseconds(500)},
                        {"90s", seconds(90)},
                        {"1h30m", minutes(90)},
                        {"7d", days(7)},
                        {"1d2h3m4s5ms", days(1) + hours(2) + minutes(3) + Milliseconds(4005)},
                        {"36500d", days(36500)}};
  for (const auto& c : cases) EXPECT_EQ(parse_duration(c.text), c.duration) << c.text;
  for (const char* wrong : {"", "5", "h", "-1h", "1 h", "1m1h", "1h1h", "1y", "1.5h", "36500d1ms",
                            "99999999999999999999s", "9223372036854775807d"}) {
    EXPECT_FALSE(parse_duration(wrong)) << wrong;
  }
}

RC_GTEST_PROP(ParseDurationProperty, ReadsWhatDurationTextWrites, ()) {
  const auto count = *rc::gen::inRange(0, 1'000'000'000);
  const auto text = duration_text(Milliseconds(count));
  const auto parsed = parse_duration(text);
  RC_ASSERT(parsed.has_value());
  RC_ASSERT(duration_text(*parsed) == text);
}

TEST_F(TimeTextTest, ShowsTheLocalTime) {
  EXPECT_EQ(local_time_text(at("2026-01-15T12:00:00Z")), "2026-01-15T14:00:00+02:00");
  EXPECT_EQ(local_time_text(at("2026-07-15T22:30:00.999Z")), "2026-07-16T01:30:00+03:00");
}

TEST_F(TimeTextTest, TakesTimesAsPeopleWriteThem) {
  const auto now = at("2026-06-01T00:00:00Z");
  struct Case {
    const char* text;
    Sense sense;
    const char* time;  // null: refused
  };
  const Case cases[] = {
      {"24h", Sense::ahead, "2026-06-02T00:00:00Z"},
      {"24h", Sense::ago, "2026-05-31T00:00:00Z"},
      {"36500d", Sense::ago, "1970-01-01T00:00:00Z"},
      {"2026-12-31T18:00:00Z", Sense::ahead, "2026-12-31T18:00:00Z"},
      {"2026-12-31T18:00:00.25-05:00", Sense::ago, "2026-12-31T23:00:00.250Z"},
      {"2026-12-31", Sense::ahead, "2026-12-30T22:00:00Z"},
      {"2026-07-31", Sense::ahead, "2026-07-30T21:00:00Z"},
      {"2026-12-31 18:00", Sense::ahead, "2026-12-31T16:00:00Z"},
      {"2026-12-31T18:00:30", Sense::ahead, "2026-12-31T16:00:30Z"},
      {"", Sense::ahead, nullptr},
      {"tomorrow", Sense::ahead, nullptr},
      {"2026-13-01", Sense::ahead, nullptr},
      {"2026-02-30", Sense::ahead, nullptr},
      {"2026-12-31 25:00", Sense::ahead, nullptr},
      {"2026-12-31_18:00", Sense::ahead, nullptr},
      {"2026-12-31 18:00Z", Sense::ahead, nullptr},
  };
  for (const auto& c : cases) {
    const auto time = parse_when(c.text, now, c.sense);
    ASSERT_EQ(time.has_value(), c.time != nullptr) << c.text;
    if (time) {
      EXPECT_EQ(*time, at(c.time)) << c.text;
    }
  }
}

}  // namespace
}  // namespace oneping::admin
