// What the edge tells its owner of its own accord. Called on the edge's thread; an implementation
// must not call the edge.
#pragma once

#include "edge/snapshot.h"
#include "edge/status.h"

namespace oneping::edge {

class EdgeEvents {
 public:
  virtual ~EdgeEvents() = default;
  // A tunnel is not as it was at the last call for it, or for the first time has connections.
  virtual void on_tunnel_health(const TunnelConfig& tunnel, TunnelHealth health) = 0;
  // A device has its first session, or has lost its last.
  virtual void on_device_online(DeviceId device, bool is_online) = 0;
};

}  // namespace oneping::edge
