// The edge's packets, flows and connections as metrics. Called on the loop's thread.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "app/flow_log_writer.h"
#include "app/listen_sockets.h"
#include "edge/edge.h"
#include "io/tun_device.h"
#include "quic/endpoint.h"

namespace oneping {

struct EdgeParts {
  const edge::Edge& edge;
  const quic::Endpoint& endpoint;
  const ListenSockets& sockets;
  const TunDevice* tun;  // may be null
  const FlowLogWriter& flow_log;
};

[[nodiscard]] std::vector<prometheus::MetricFamily> edge_metrics(const EdgeParts& parts);

}  // namespace oneping
