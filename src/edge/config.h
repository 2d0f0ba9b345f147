// What the edge is told about itself. Tunnels, routes, policies and identities come as snapshots
// (edge/snapshot.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "edge/udp_idle_times.h"
#include "forward/forwarder.h"
#include "wire/ip_address.h"

namespace oneping::edge {

// What one device may do, over all its sessions.
struct DeviceLimits {
  double packets_per_second = 100'000;  // as many may come at once
  std::size_t flows = 65536;
};

struct EdgeConfig {
  std::string location;             // for people: where this edge is
  std::optional<IpAddress> hop_v4;  // what traceroute shows; without one, no errors in that family
  std::optional<IpAddress> hop_v6;
  Forwarder::Options forwarding;
  std::size_t flow_table_size = 262144;
  DeviceLimits device_limits;
  UdpIdleTimes udp_idle;
  // UDP goes by sessions of the tunnel protocol even to connectors that carry whole packets.
  bool udp_by_sessions = false;
  // Version of what updateConfiguration pushes. Connectors ignore one that is not above the last
  // they saw, so it must grow over restarts: seconds since 1970 do.
  std::int32_t config_version = 1;
};

}  // namespace oneping::edge
