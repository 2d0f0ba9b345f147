// Messages that came in on a ping socket, up to 64 with one recvmmsg, read as echo replies.
// A reply's bytes are valid until the next receive().
#pragma once

#include <cstdint>
#include <tl/expected.hpp>

#include "base/drop_reason.h"
#include "io/echo_socket.h"
#include "io/message_batch.h"
#include "proxy/echo_backend.h"

namespace oneping {

class EchoReceiveBatch {
 public:
  static constexpr std::size_t kMaxMessages = 64;
  static constexpr std::size_t kMaxMessageSize = 65536;  // more than any

  // How many messages there were. Fewer than kMaxMessages: none are left.
  [[nodiscard]] std::size_t receive(const EchoSocket& socket) {
    return messages_.receive(socket.fd.get());
  }

  struct Reply {
    EchoSlot slot;
    EchoReply echo;
  };
  // The i-th message, or why it is no echo reply of ours.
  [[nodiscard]] tl::expected<Reply, DropReason> reply(const EchoSocket& socket,
                                                      std::size_t i) const;

 private:
  MessageBatch messages_{kMaxMessages, kMaxMessageSize};
};

}  // namespace oneping
