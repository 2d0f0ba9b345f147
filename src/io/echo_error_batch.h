// Errors about requests of a ping socket, up to 64 with one recvmmsg, read from its error queue
// (ip(7), IP_RECVERR). An error's bytes are valid until the next receive().
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "base/drop_reason.h"
#include "io/echo_socket.h"
#include "io/message_batch.h"
#include "proxy/echo_backend.h"

namespace oneping {

struct QueuedError {
  EchoSlot slot;
  EchoError error;
};

// A message of the error queue of `socket`, of which `size` bytes are in its first buffer. Nothing
// when it is what this host said about its own sending, which the send has said before. Fails with
// no_flow when it quotes no echo request of the socket, with truncated when it is not whole.
[[nodiscard]] tl::expected<std::optional<QueuedError>, DropReason> read_queued_error(
    const msghdr& message, std::size_t size, const EchoSocket& socket);

class EchoErrorBatch {
 public:
  static constexpr std::size_t kMaxMessages = 64;
  // Of the quoted request from its ICMP header on, with extensions: what fits in an error that
  // keeps to the limits of RFC 4443. A longer quote is cut.
  static constexpr std::size_t kMaxMessageSize = 1280;

  // How many there were. Fewer than kMaxMessages: none are left.
  [[nodiscard]] std::size_t receive(const EchoSocket& socket) {
    return messages_.receive_errors(socket.fd.get());
  }

  // The i-th message: see read_queued_error().
  [[nodiscard]] tl::expected<std::optional<QueuedError>, DropReason> error(const EchoSocket& socket,
                                                                           std::size_t i) const {
    return read_queued_error(messages_.header(i), messages_.bytes(i).size(), socket);
  }

 private:
  MessageBatch messages_{kMaxMessages, kMaxMessageSize};
};

}  // namespace oneping
