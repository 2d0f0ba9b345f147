// What comes to a UDP socket of the connector: up to 32 datagrams, or errors, with one call. What
// it gives is valid until the next receive.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <tl/expected.hpp>

#include "base/drop_reason.h"
#include "io/message_batch.h"
#include "io/origin_socket.h"
#include "proxy/udp_backend.h"

namespace oneping {

// A message of the error queue of a UDP socket, of which `size` bytes are in its first buffer: see
// read_queued_icmp_error().
[[nodiscard]] tl::expected<std::optional<UdpError>, DropReason> read_queued_udp_error(
    const msghdr& message, std::size_t size, IpFamily family);

class OriginReceiveBatch {
 public:
  static constexpr std::size_t kMaxMessages = 32;
  static constexpr std::size_t kMaxMessageSize = 65536;

  // How many there were. Fewer than kMaxMessages: none are left.
  [[nodiscard]] std::size_t receive(const OriginSocket& socket) {
    return messages_.receive(socket.fd.get());
  }
  [[nodiscard]] std::size_t receive_errors(const OriginSocket& socket) {
    return messages_.receive_errors(socket.fd.get());
  }

  // The i-th datagram, and how many had found no room when it came, if that is known.
  struct Received {
    UdpReply reply;
    std::optional<std::uint32_t> overflows;
  };
  [[nodiscard]] tl::expected<Received, DropReason> reply(const OriginSocket& socket,
                                                         std::size_t i) const;
  [[nodiscard]] tl::expected<std::optional<UdpError>, DropReason> error(const OriginSocket& socket,
                                                                        std::size_t i) const {
    return read_queued_udp_error(messages_.header(i), messages_.bytes(i).size(), socket.family);
  }

 private:
  MessageBatch messages_{kMaxMessages, kMaxMessageSize};
};

}  // namespace oneping
