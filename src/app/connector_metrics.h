// The connector's numbers, for /metrics.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "app/uplink_sockets.h"
#include "connector/connector.h"
#include "io/echo_linux.h"
#include "io/udp_linux.h"

namespace oneping {

[[nodiscard]] std::vector<prometheus::MetricFamily> connector_metrics(
    const connector::Connector& connector, const EchoLinux& echo, const UdpLinux& udp,
    const UplinkSockets& sockets);

}  // namespace oneping
