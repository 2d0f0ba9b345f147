// What the user reads when there is no session: from the end of a real handshake, see also
// session_trouble_test.cc.
#include "device/trouble.h"

#include <gtest/gtest.h>

namespace oneping::device {
namespace {

using namespace std::chrono_literals;
using quic::CloseInfo;
using quic::CloseKind;

WallTime at(int year, unsigned month, unsigned day) {
  return std::chrono::sys_days(std::chrono::year(year) / std::chrono::month(month) /
                               std::chrono::day(day));
}
const quic::Validity kOurs{at(2026, 11, 1), at(2026, 12, 1)};

TEST(Trouble, TimesArePeoples) {
  EXPECT_EQ(to_text(at(2026, 3, 4) + 5h + 6min + 59s), "2026-03-04 05:06 UTC");
  EXPECT_EQ(to_text(at(1970, 1, 1)), "1970-01-01 00:00 UTC");
}

TEST(Trouble, EndsOfConnections) {
  struct Case {
    const char* name;
    CloseInfo end;
    WallTime now;
    bool enrolled;
    Trouble trouble;
    std::string text;
  };
  const WallTime now = at(2026, 11, 21);
  const WallTime dead_battery = at(1970, 1, 1);
  using enum CloseKind;
  const Case cases[] = {
      {"silent", {idle_timeout, 0, "x"}, now, true, Trouble::silent, "the edge has gone silent"},
      {"no answer",
       {handshake_timeout, 0, "x"},
       now,
       true,
       Trouble::no_answer,
       "the edge does not answer (is it up, does UDP get through?)"},
      {"restarted",
       {reset, 0, "x"},
       now,
       true,
       Trouble::restarted,
       "the edge no longer knows the session (was it restarted?)"},
      {"goodbye", {peer, 256, "bye"}, now, true, Trouble::closed, "the edge closed: bye"},
      {"broken", {transport, 10, "bad"}, now, true, Trouble::broken, "bad"},
      {"expired",
       {refused, 0x12d, "alert"},
       at(2026, 12, 1),
       true,
       Trouble::certificate_expired,
       "the device's certificate expired on 2026-12-01 00:00 UTC: enroll the device again"},
      {"expired, the edge says",
       {refused, 0x12d, "alert"},
       now,
       true,
       Trouble::wrong_clock,
       "the edge says that the device's certificate is not valid now; by this host's clock "
       "(2026-11-21 00:00 UTC) it is, until 2026-12-01 00:00 UTC: one of the two clocks is wrong"},
      {"our clock stands at its beginning, for us",
       {distrusted, 0x12d, "alert"},
       dead_battery,
       true,
       Trouble::wrong_clock,
       "this host's clock says 1970-01-01 00:00 UTC, which was before the device got its "
       "certificate (2026-11-01 00:00 UTC): set the clock"},
      {"our clock stands at its beginning, for the edge",
       {refused, 0x12d, "alert"},
       dead_battery,
       true,
       Trouble::wrong_clock,
       "this host's clock says 1970-01-01 00:00 UTC, which was before the device got its "
       "certificate (2026-11-01 00:00 UTC): set the clock"},
      {"the same, while it enrols",
       {distrusted, 0x12d, "alert"},
       dead_battery,
       false,
       Trouble::wrong_clock,
       "the edge's certificate is not valid at 1970-01-01 00:00 UTC, which is the time by this "
       "host's clock: is it right?"},
      {"another edge",
       {distrusted, 0x130, "unknown"},
       now,
       true,
       Trouble::wrong_edge,
       "this is not the edge that the device was enrolled at: unknown"},
      {"another edge, while it enrols",
       {distrusted, 0x12a, "pin"},
       now,
       false,
       Trouble::wrong_edge,
       "this is not the edge that the enrolment key is for: pin"},
      {"the edge has another authority",
       {refused, 0x130, "alert"},
       now,
       true,
       Trouble::refused,
       "the edge does not know the device's certificate (alert): enroll the device again"},
      {"no edge",
       {refused, 0x178, "alert"},
       now,
       true,
       Trouble::wrong_edge,
       "what answers there is no edge for devices: alert"},
      {"full",
       {refused, 2, "the peer is full"},
       now,
       true,
       Trouble::no_session,
       "the peer is full"},
  };
  for (const Case& each : cases) {
    SCOPED_TRACE(each.name);
    const Problem problem =
        problem_of(each.end, each.enrolled ? std::optional(kOurs) : std::nullopt, each.now);
    EXPECT_EQ(problem.trouble, each.trouble) << to_string(problem.trouble);
    EXPECT_EQ(problem.text, each.text);
  }
}

}  // namespace
}  // namespace oneping::device
