#include "control/session_state.h"

#include <algorithm>

namespace oneping::control {

LiveSessions by_device(std::vector<edge::DeviceSessionStatus> sessions) {
  std::ranges::stable_sort(sessions, {}, &edge::DeviceSessionStatus::age);
  LiveSessions live;
  for (edge::DeviceSessionStatus& session : sessions) {
    live[session.device].push_back(std::move(session));
  }
  return live;
}

}  // namespace oneping::control
