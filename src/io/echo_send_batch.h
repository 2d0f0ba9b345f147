// Echo requests for one ping socket that leave with one sendmmsg, each with its own destination,
// hop limit and traffic class. All memory is taken at construction. A request that the system does
// not take is skipped and counted; the others are sent.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>

#include "base/counters.h"
#include "proxy/echo_backend.h"
#include "wire/icmp.h"

namespace oneping {

class EchoSendBatch {
 public:
  static constexpr std::size_t kMaxMessages = 64;
  static constexpr std::size_t kMaxMessageSize = 2048;  // ICMP header and payload
  static constexpr std::size_t kMaxPayloadSize = kMaxMessageSize - kIcmpHeaderSize;

  explicit EchoSendBatch(IpFamily family);
  ~EchoSendBatch();

  [[nodiscard]] bool is_empty() const { return size_ == 0; }
  [[nodiscard]] bool is_full() const { return size_ == kMaxMessages; }

  // The batch must not be full, the destination of its family, the payload within kMaxPayloadSize.
  void add(std::uint16_t sequence, const EchoRequest& request);

  // Sends what is in it, and empties it. Counts each request as forwarded, or as dropped with the
  // reason behind the system's errno.
  void send(int fd, StageCounters& counters);

 private:
  struct Messages;

  IpFamily family_;
  std::size_t size_ = 0;
  std::unique_ptr<Messages> messages_;
};

// Why the system did not send a request.
[[nodiscard]] DropReason drop_reason_for_errno(int error);

}  // namespace oneping
