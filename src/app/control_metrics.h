// The control plane as metrics. Not for the loop's thread, which the control plane asks.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "app/control_plane.h"

namespace oneping {

[[nodiscard]] std::vector<prometheus::MetricFamily> control_metrics(ControlPlane& control_plane);

}  // namespace oneping
