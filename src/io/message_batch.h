// Messages that came to a socket, as many with one recvmmsg as there is room for, each with where
// it came from and its control messages. All memory is taken at construction, of which the system
// gives pages as long messages come; what it gives is valid until the next receive.
#pragma once

#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace oneping {

class MessageBatch {
 public:
  MessageBatch(std::size_t max_messages, std::size_t max_message_size);

  // How many there were. Fewer than max_messages: none are left.
  [[nodiscard]] std::size_t receive(int fd) { return receive_with(fd, 0); }
  // Of the socket's error queue (ip(7), IP_RECVERR).
  [[nodiscard]] std::size_t receive_errors(int fd) { return receive_with(fd, MSG_ERRQUEUE); }

  [[nodiscard]] const msghdr& header(std::size_t i) const { return headers_[i].msg_hdr; }
  [[nodiscard]] const sockaddr_storage& peer(std::size_t i) const { return bodies_[i].peer; }
  // As much of it as there was room for; with MSG_TRUNC among the header's flags it was longer.
  [[nodiscard]] Bytes bytes(std::size_t i) const;

 private:
  struct Body {
    sockaddr_storage peer;
    iovec data;
    alignas(cmsghdr) std::array<std::uint8_t, 256> control;
  };

  std::size_t receive_with(int fd, int flags);

  std::vector<mmsghdr> headers_;
  std::vector<Body> bodies_;
  std::unique_ptr<std::uint8_t[]> memory_;
};

}  // namespace oneping
