// The edge's numbers, for /metrics. `tun` is null where there is none.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "app/listen_sockets.h"
#include "edge/edge.h"
#include "io/tun_device.h"
#include "quic/endpoint.h"

namespace oneping {

[[nodiscard]] std::vector<prometheus::MetricFamily> edge_metrics(const edge::Edge& edge,
                                                                 const quic::Endpoint& endpoint,
                                                                 const ListenSockets& sockets,
                                                                 const TunDevice* tun);

}  // namespace oneping
