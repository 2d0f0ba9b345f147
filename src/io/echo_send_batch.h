// Echo requests for one ping socket that leave with one sendmmsg, each with its own destination,
// hop limit and traffic class. All memory is taken at construction. A request that the system does
// not take is skipped and told; the others are sent.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/drop_reason.h"
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

  // A request that the system did not take, as it was added. Valid until the next add().
  struct Refused {
    DropReason reason;
    std::uint16_t sequence;
    IpAddress destination;
    Bytes payload;
  };

  // Sends what is in it, and empties it. Calls on_refused(const Refused&) for each that was not
  // sent; the number of the others.
  template <typename OnRefused>
  std::size_t send(int fd, OnRefused on_refused) {
    std::size_t sent = 0;
    for (std::size_t next = 0; next < size_;) {
      const auto [count, reason] = send_from(next, fd);
      sent += count;
      next += count;
      if (reason) on_refused(refused(next++, *reason));
    }
    size_ = 0;
    return sent;
  }

 private:
  struct Messages;

  // Sends from the first-th on, until all are sent or one is refused.
  struct Progress {
    std::size_t sent;
    std::optional<DropReason> refused;  // the next one
  };
  [[nodiscard]] Progress send_from(std::size_t first, int fd);
  [[nodiscard]] Refused refused(std::size_t i, DropReason reason) const;

  IpFamily family_;
  std::size_t size_ = 0;
  std::unique_ptr<Messages> messages_;
};

// Sends one request of any size, whose payload is not copied. Why not, if it was not sent.
[[nodiscard]] std::optional<DropReason> send_echo(int fd, std::uint16_t sequence,
                                                  const EchoRequest& request);

}  // namespace oneping
