// The device's numbers, for /metrics.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "app/device_sockets.h"
#include "app/device_status.h"
#include "io/tun_device.h"

namespace oneping {

[[nodiscard]] std::vector<prometheus::MetricFamily> device_metrics(const DeviceReport& report,
                                                                   const DeviceSockets& sockets,
                                                                   const TunDevice& tun);

}  // namespace oneping
