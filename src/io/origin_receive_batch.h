// What comes to a UDP socket of the connector: up to 32 datagrams, or errors, with one call. All
// memory is taken at construction (2 MB, of which as much is used as ever came); what it gives is
// valid until the next receive.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <tl/expected.hpp>

#include "base/drop_reason.h"
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

  OriginReceiveBatch();
  ~OriginReceiveBatch();

  // How many there were. Fewer than kMaxMessages: none are left.
  [[nodiscard]] std::size_t receive(const OriginSocket& socket);
  [[nodiscard]] std::size_t receive_errors(const OriginSocket& socket);

  // The i-th datagram, and how many had found no room when it came, if that is known.
  struct Received {
    UdpReply reply;
    std::optional<std::uint32_t> overflows;
  };
  [[nodiscard]] tl::expected<Received, DropReason> reply(const OriginSocket& socket,
                                                         std::size_t i) const;
  [[nodiscard]] tl::expected<std::optional<UdpError>, DropReason> error(const OriginSocket& socket,
                                                                        std::size_t i) const;

 private:
  struct Messages;
  void prepare();
  std::unique_ptr<Messages> messages_;
};

}  // namespace oneping
