// How a session is, for people and metrics.
#pragma once

#include <optional>
#include <string_view>

#include "device/trouble.h"
#include "quic/path.h"

namespace oneping::device {

enum class SessionState : std::uint8_t { stopped, connecting, open, waiting };

[[nodiscard]] constexpr std::string_view to_string(SessionState state) {
  switch (state) {
    case SessionState::stopped: return "stopped";
    case SessionState::connecting: return "connecting";
    case SessionState::open: return "open";
    case SessionState::waiting: return "waiting";
  }
  return "";
}

struct SessionStatus {
  SessionState state = SessionState::stopped;
  Time since{};  // of the state
  // While it is open:
  std::optional<quic::Path> path;
  Duration round_trip{};        // between device and edge
  std::size_t packet_size = 0;  // the largest that passes
  // Over all sessions that there have been:
  std::uint64_t sessions = 0;
  std::uint64_t sent = 0;  // datagrams that left
  std::uint64_t lost = 0;  // of them, on the way to the edge
  std::optional<Problem> last_problem;
  Time last_problem_at{};
};

}  // namespace oneping::device
