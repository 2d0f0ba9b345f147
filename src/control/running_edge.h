// What the control plane needs of the edge whose plans it keeps. Called from any thread.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "edge/path_checks.h"
#include "edge/snapshot.h"
#include "edge/status.h"

namespace oneping::control {

class RunningEdge {
 public:
  virtual ~RunningEdge() = default;

  // Returns when packets are judged and routed by it. An error says that the edge's loop does not
  // answer; the snapshot takes effect when it does.
  [[nodiscard]] virtual Result<void> apply(edge::Snapshot snapshot) = 0;

  // Tunnels that are or were connected since the edge started, in no order; nothing if the edge's
  // loop does not answer.
  [[nodiscard]] virtual std::optional<std::vector<edge::TunnelStatus>> tunnels() = 0;

  // Sessions of devices that there are now, in no order; nothing as above.
  [[nodiscard]] virtual std::optional<std::vector<edge::DeviceSessionStatus>> sessions() = 0;

  // Begins to measure a path; what is known of it so far; the end of it, if it has not ended by
  // itself. Refusals are sentences; no answer from the loop is one too.
  [[nodiscard]] virtual Result<edge::PathCheckRef> start_path(edge::PathQuestion question) = 0;
  [[nodiscard]] virtual Result<edge::PathReport> path_report(edge::PathCheckRef check) = 0;
  virtual void stop_path(edge::PathCheckRef check) = 0;

  // How many flows it carries; nothing as above.
  [[nodiscard]] virtual std::optional<std::size_t> flows() = 0;
};

}  // namespace oneping::control
