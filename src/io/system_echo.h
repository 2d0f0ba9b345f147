// An echo backend over descriptors, as the event loop and the connector's process see it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/counters.h"
#include "proxy/echo_backend.h"

namespace oneping {

class SystemEcho : public EchoBackend {
 public:
  // errno of the socket that could not be opened for this family; 0 if all could.
  [[nodiscard]] virtual int open_error(IpFamily family) const = 0;

  // For the event loop: watch each, and call on_readable() with its index here.
  [[nodiscard]] virtual std::vector<int> descriptors() const = 0;
  // Hands on a bounded number of errors and replies. True if more may be left.
  virtual bool on_readable(std::size_t index, EchoReplies& replies, Time now) = 0;

  // Requests: forwarded to the network; answered, for the system would not send them and the client
  // was told; dropped; or held in a batch.
  [[nodiscard]] virtual const StageCounters& send_counters() const = 0;
  // Messages read: forwarded to EchoReplies, or dropped; so are failures that no client was told
  // of.
  [[nodiscard]] virtual const StageCounters& receive_counters() const = 0;
  // Messages that the kernel dropped because we did not read fast enough; 0 where it does not tell.
  [[nodiscard]] virtual std::uint64_t kernel_drops() const = 0;
};

}  // namespace oneping
