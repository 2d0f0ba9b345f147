// Why a device has no session, as one line for its user that says what to do, and as a word for
// programs, which decides how soon it is tried again.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "quic/connection.h"
#include "quic/device_certificate.h"

namespace oneping::device {

enum class Trouble : std::uint8_t {
  name_not_found,       // the edge's
  no_route,             // this host has none to the edge
  no_answer,            // of the edge to our hello
  wrong_edge,           // not the one that the device was enrolled at
  wrong_clock,          // this host's or the edge's
  certificate_expired,  // ours
  refused,              // the edge knows us and says no: revoked, for one
  no_session,           // there is an edge, but no session came of it
  silent,               // an edge that was there before
  restarted,            // the edge no longer knows us
  closed,               // the edge said goodbye
  broken,               // an error of the protocol
};

[[nodiscard]] std::string_view to_string(Trouble trouble);

struct Problem {
  Trouble trouble;
  std::string text;
};

// Whether waiting alone will not help.
[[nodiscard]] bool is_lasting(Trouble trouble);
// Whether the edge may well take us at once.
[[nodiscard]] bool is_passing(Trouble trouble);

// Times of day are not the packets' time, and may jump.
using WallTime = std::chrono::sys_seconds;
// "2026-11-21 23:28 UTC".
[[nodiscard]] std::string to_text(WallTime time);

// What the end of a connection means for a device with a certificate of that validity (none while
// it enrols) at that time of day.
[[nodiscard]] Problem problem_of(const quic::CloseInfo& end,
                                 const std::optional<quic::Validity>& ours, WallTime now);

}  // namespace oneping::device
