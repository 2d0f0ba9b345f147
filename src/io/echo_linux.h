// The echo backend of Linux: unprivileged ping sockets, a small pool of them for each channel kind.
//
// The constructor opens what the system lets us; a kind without sockets has no channels, and
// open_error() says why. Requests gather in a batch for each kind, which leaves at flush(), when it
// is full, or when the kind moves on to another socket; large ones are sent at once. ICMP errors
// come from the sockets' error queues, and are read before the replies: they share one buffer.
// `host` must outlive this.
#pragma once

#include <array>
#include <span>
#include <vector>

#include "base/counters.h"
#include "base/random.h"
#include "io/echo_error_batch.h"
#include "io/echo_outcomes.h"
#include "io/echo_receive_batch.h"
#include "io/echo_send_batch.h"
#include "io/echo_socket.h"
#include "io/host_addresses.h"
#include "io/system_echo.h"

namespace oneping {

class EchoLinux final : public SystemEcho {
 public:
  struct Options {
    std::uint16_t channels = 16;  // for each kind: 65536 outstanding requests apiece
  };

  EchoLinux(Options options, const HostAddresses& host, Random& random);

  [[nodiscard]] int open_error(IpFamily family) const override {
    return open_errors_[static_cast<std::size_t>(family)];
  }

  [[nodiscard]] std::span<const EchoSocket> sockets() const { return sockets_; }
  [[nodiscard]] std::vector<int> descriptors() const override;
  bool on_readable(std::size_t socket_index, EchoReplies& replies, Time now) override;

  [[nodiscard]] std::uint16_t channels(EchoChannelKind kind) const override;
  // Refuses too_big: payloads that no packet of the family holds.
  [[nodiscard]] std::optional<DropReason> send(const EchoSlot& slot, const EchoRequest& request,
                                               Time now) override;
  void flush(EchoReplies& replies, Time now) override;
  [[nodiscard]] std::optional<IpAddress> source_for(const IpAddress& destination) const override;
  [[nodiscard]] bool is_own_address(const IpAddress& address) const override;
  [[nodiscard]] bool is_broadcast(const IpAddress& address) const override;

  [[nodiscard]] const StageCounters& send_counters() const override { return send_counters_; }
  [[nodiscard]] const StageCounters& receive_counters() const override { return receive_counters_; }
  [[nodiscard]] std::uint64_t kernel_drops() const override;

 private:
  struct Queue {
    EchoSendBatch batch;
    std::uint16_t channel = 0;     // where the batch goes
    std::size_t first_socket = 0;  // of this kind in sockets_
    std::uint16_t sockets = 0;
  };

  void open_channels(EchoChannelKind kind, std::uint16_t count, Random& random);
  [[nodiscard]] Queue& queue(EchoChannelKind kind);
  void flush(Queue& queue);
  void send_alone(const EchoSocket& socket, const EchoSlot& slot, const EchoRequest& request);
  void note_refusal(const EchoSlot& slot, const IpAddress& destination, DropReason reason,
                    Bytes payload);
  bool read_errors(const EchoSocket& socket, EchoReplies& replies, Time now);
  bool read_replies(const EchoSocket& socket, EchoReplies& replies, Time now);

  const HostAddresses& host_;
  std::uint16_t first_bucket_;
  std::vector<EchoSocket> sockets_;
  std::array<Queue, kEchoChannelKinds> queues_;
  EchoReceiveBatch received_;
  EchoErrorBatch received_errors_;
  EchoSendFailures failures_;
  std::array<int, 2> open_errors_{};
  StageCounters send_counters_;
  StageCounters receive_counters_;
};

}  // namespace oneping
