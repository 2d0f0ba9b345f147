// Datagrams for many UDP sockets that leave with few calls: those of one socket together, in their
// order, each with its own destination, hop limit and traffic class. All memory is taken at
// construction.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <vector>

#include "base/drop_reason.h"
#include "io/origin_socket.h"
#include "proxy/udp_backend.h"
#include "wire/udp.h"

namespace oneping {

class OriginSendBatch {
 public:
  static constexpr std::size_t kMaxMessages = 256;
  static constexpr std::size_t kMaxBytes = 512 << 10;

  // What waits for one socket.
  struct Queue {
    std::uint16_t first = kNone;
    std::uint16_t last = kNone;
    [[nodiscard]] bool is_empty() const { return first == kNone; }
  };

  OriginSendBatch();
  ~OriginSendBatch();

  [[nodiscard]] bool has_room(std::size_t payload_size) const {
    return size_ < kMaxMessages && bytes_used_ + payload_size <= kMaxBytes;
  }
  // There must be room, and the destination be of the socket's family.
  void add(Queue& queue, const UdpDatagram& datagram);

  // A datagram that the system did not take, as it was added. Valid until the next add().
  struct Refused {
    DropReason reason;
    SocketAddress destination;
    Bytes payload;
  };

  // Sends what waits for a socket, and empties its queue. Calls on_refused(const Refused&) for each
  // that was not sent; the number of the others.
  template <typename OnRefused>
  std::size_t send(Queue& queue, OriginSocket& socket, OnRefused on_refused) {
    std::size_t sent = 0;
    while (!queue.is_empty()) {
      std::size_t count = gather(queue, socket);
      for (std::size_t next = 0; next < count;) {
        const auto [taken, reason] = send_from(next, count, socket.fd.get());
        sent += taken;
        next += taken;
        if (reason) on_refused(refused(next++, *reason));
      }
    }
    return sent;
  }

  // When every queue is empty: makes room.
  void clear() {
    size_ = 0;
    bytes_used_ = 0;
  }

 private:
  static constexpr std::uint16_t kNone = std::numeric_limits<std::uint16_t>::max();
  struct Messages;

  // Takes from the queue what one call can send, and makes the socket ready for it.
  [[nodiscard]] std::size_t gather(Queue& queue, OriginSocket& socket);
  struct Progress {
    std::size_t sent;
    std::optional<DropReason> refused;  // the next one
  };
  [[nodiscard]] Progress send_from(std::size_t first, std::size_t count, int fd);
  [[nodiscard]] Refused refused(std::size_t i, DropReason reason) const;

  std::size_t size_ = 0;
  std::size_t bytes_used_ = 0;
  std::unique_ptr<Messages> messages_;
};

}  // namespace oneping
