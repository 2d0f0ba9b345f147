// Messages that came in on a ping socket, up to 64 with one recvmmsg, read as echo replies.
// All memory is taken at construction, of which the system gives pages as large replies come; a
// reply's bytes are valid until the next receive().
#pragma once

#include <cstdint>
#include <memory>
#include <tl/expected.hpp>

#include "base/drop_reason.h"
#include "io/echo_socket.h"
#include "proxy/echo_backend.h"

namespace oneping {

class EchoReceiveBatch {
 public:
  static constexpr std::size_t kMaxMessages = 64;
  static constexpr std::size_t kMaxMessageSize = 65536;  // more than any

  EchoReceiveBatch();
  ~EchoReceiveBatch();

  // How many messages there were. Fewer than kMaxMessages: none are left.
  [[nodiscard]] std::size_t receive(const EchoSocket& socket);

  struct Reply {
    EchoSlot slot;
    EchoReply echo;
  };
  // The i-th message, or why it is no echo reply of ours.
  [[nodiscard]] tl::expected<Reply, DropReason> reply(const EchoSocket& socket,
                                                      std::size_t i) const;

 private:
  struct Messages;
  std::unique_ptr<Messages> messages_;
};

}  // namespace oneping
