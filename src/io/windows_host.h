// This Windows host's own addresses, and the broadcast addresses of its networks: a snapshot, taken
// by refresh().
#pragma once

#include <vector>

#include "proxy/host_network.h"

namespace oneping {

class WindowsHost final : public HostNetwork {
 public:
  // Winsock must have been started.
  WindowsHost() { static_cast<void>(refresh()); }

  // False if the addresses cannot be read now: the old ones stay.
  bool refresh();

  [[nodiscard]] bool is_own(const IpAddress& address) const override;
  [[nodiscard]] bool is_broadcast(const IpAddress& address) const override;
  // Asks the system each time.
  [[nodiscard]] std::optional<IpAddress> source_for(const IpAddress& destination) const override;

 private:
  std::vector<IpAddress> own_;         // sorted
  std::vector<IpAddress> broadcasts_;  // sorted
};

}  // namespace oneping
