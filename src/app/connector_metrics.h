// The connector's numbers, for /metrics.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "app/uplink_sockets.h"
#include "connector/connector.h"
#include "io/system_echo.h"
#include "io/udp_linux.h"

namespace oneping {

[[nodiscard]] std::vector<prometheus::MetricFamily> connector_metrics(
    const connector::Connector& connector, const SystemEcho& echo, const UdpLinux& udp,
    const UplinkSockets& sockets);

}  // namespace oneping
