// The sessions of devices, as the edge knows them.
#pragma once

#include <map>
#include <vector>

#include "control/model.h"
#include "edge/status.h"

namespace oneping::control {

// By device; the newest session first.
using LiveSessions = std::map<Id, std::vector<edge::DeviceSessionStatus>>;

[[nodiscard]] LiveSessions by_device(std::vector<edge::DeviceSessionStatus> sessions);

}  // namespace oneping::control
