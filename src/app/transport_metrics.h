// Numbers of QUIC endpoints, UDP sockets and TUN devices, the same for every role.
#pragma once

#include "app/metrics.h"
#include "io/tun_device.h"
#include "io/udp_socket.h"
#include "quic/endpoint.h"

namespace oneping {

// Of one or more of each; values of the same name are added up by the caller's labels.
void add_endpoint(Metrics& metrics, const quic::EndpointStats& stats,
                  const Metrics::Labels& labels = {});
void add_socket(Metrics& metrics, const UdpSocketCounters& counters,
                const Metrics::Labels& labels = {});
void add_tun(Metrics& metrics, const TunDevice& tun);
// Round trip, loss, path MTU and datagrams of one tunnel connection.
void add_connection(Metrics& metrics, const quic::Connection& connection,
                    const Metrics::Labels& labels);

}  // namespace oneping
