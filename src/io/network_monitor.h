// Tells when this host's network is another than it was: addresses, links, routes. What has changed
// is for others to find out.
#pragma once

#include "base/result.h"
#include "io/fd.h"

namespace oneping {

class NetworkMonitor {
 public:
  [[nodiscard]] static Result<NetworkMonitor> open();

  // Readable when something has changed: call drain(), then look.
  [[nodiscard]] int fd() const { return events_.get(); }
  void drain();

 private:
  explicit NetworkMonitor(Fd events) : events_(std::move(events)) {}
  Fd events_;
};

}  // namespace oneping
