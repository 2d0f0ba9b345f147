// The edge as the control plane sees it from its threads: every call becomes a question to the
// event loop. Also keeps the kernel's routes into the TUN device as the snapshot has them.
#pragma once

#include <vector>

#include "control/running_edge.h"
#include "edge/edge.h"
#include "io/event_loop.h"
#include "io/tun_device.h"

namespace oneping {

class LoopEdge final : public control::RunningEdge {
 public:
  // Both must outlive it.
  LoopEdge(EventLoop& loop, edge::Edge& edge) : loop_(loop), edge_(edge) {}

  // From now on the TUN device gets the routes that are there for `device`; it has `routes`
  // already. Before the loop runs. The TUN device must outlive the loop.
  void follow_routes(TunDevice& tun, edge::DeviceId device, std::vector<Prefix> routes);

  [[nodiscard]] Result<void> apply(edge::Snapshot snapshot) override;
  [[nodiscard]] std::optional<std::vector<edge::TunnelStatus>> tunnels() override;
  [[nodiscard]] std::optional<std::vector<edge::DeviceSessionStatus>> sessions() override;
  [[nodiscard]] Result<edge::PathCheckRef> start_path(edge::PathQuestion question) override;
  [[nodiscard]] Result<edge::PathReport> path_report(edge::PathCheckRef check) override;
  void stop_path(edge::PathCheckRef check) override;
  [[nodiscard]] std::optional<std::size_t> flows() override;

 private:
  EventLoop& loop_;
  edge::Edge& edge_;
  TunDevice* tun_ = nullptr;
  edge::DeviceId device_ = 0;
  std::vector<Prefix> routes_;  // sorted
};

// The prefixes of the virtual network that a device is in, sorted.
[[nodiscard]] std::vector<Prefix> prefixes_for(const edge::Snapshot& snapshot,
                                               edge::DeviceId device);

}  // namespace oneping
