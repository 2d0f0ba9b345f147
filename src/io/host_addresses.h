// This host's own addresses, and the broadcast addresses of its networks: a snapshot that the
// kernel's address events renew.
#pragma once

#include <optional>
#include <vector>

#include "base/result.h"
#include "io/fd.h"
#include "io/source_address.h"
#include "wire/ip_address.h"

namespace oneping {

class HostAddresses {
 public:
  [[nodiscard]] static Result<HostAddresses> open();

  // Readable when addresses have come or gone: call on_readable(). If the new ones cannot be read,
  // the old ones stay.
  [[nodiscard]] int fd() const { return events_.get(); }
  void on_readable();

  [[nodiscard]] bool is_own(const IpAddress& address) const;
  [[nodiscard]] bool is_broadcast(const IpAddress& address) const;

  // The address that packets to `destination` leave with; nothing if there is no route. Asks the
  // kernel each time.
  [[nodiscard]] std::optional<IpAddress> source_for(const IpAddress& destination) const {
    return source_towards(destination);
  }

 private:
  explicit HostAddresses(Fd events) : events_(std::move(events)) {}
  [[nodiscard]] bool refresh();

  Fd events_;
  std::vector<IpAddress> own_;         // sorted
  std::vector<IpAddress> broadcasts_;  // sorted
};

}  // namespace oneping
