// The UDP backend of Linux: an unconnected socket for each mapping, all of them in one epoll set,
// which is one descriptor to the event loop however many there are.
//
// Datagrams gather in a batch that leaves at flush(), or when it is full; those of one socket leave
// together. ICMP errors come from the sockets' error queues, and are read before the replies: they
// share one buffer. `host` and `random` must outlive this.
#pragma once

#include <array>
#include <vector>

#include "base/counters.h"
#include "base/random.h"
#include "io/host_addresses.h"
#include "io/origin_receive_batch.h"
#include "io/origin_send_batch.h"
#include "io/origin_socket.h"
#include "io/send_failures.h"
#include "proxy/udp_backend.h"

namespace oneping {

class UdpLinux final : public UdpBackend {
 public:
  using Failures = SendFailures<UdpSocketId, UdpFailure>;

  struct Options {
    std::size_t max_sockets = 50'000;
  };

  UdpLinux(const Options& options, const HostAddresses& host, Random& random);

  // For the event loop: watch it, and call on_readable(). Negative: the system gave no epoll set,
  // and there are no sockets.
  [[nodiscard]] int fd() const { return epoll_.get(); }

  // Hands on a bounded number of errors and replies; fd() stays readable if more are left.
  void on_readable(UdpReplies& replies, Time now);

  [[nodiscard]] std::size_t max_sockets() const override { return max_sockets_; }
  [[nodiscard]] std::optional<DropReason> open(UdpSocketId socket, IpFamily family) override;
  void close(UdpSocketId socket) override;
  [[nodiscard]] std::optional<DropReason> send(UdpSocketId socket, const UdpDatagram& datagram,
                                               Time now) override;
  void flush(UdpReplies& replies, Time now) override;
  [[nodiscard]] bool is_broadcast(const IpAddress& address) const override;

  // Datagrams of clients: forwarded to the network; answered, for the system would not send them
  // and the client was told; dropped; or held in the batch.
  [[nodiscard]] const StageCounters& send_counters() const { return send_counters_; }
  // Messages read: forwarded to UdpReplies, or dropped; so are failures that no client was told of.
  [[nodiscard]] const StageCounters& receive_counters() const { return receive_counters_; }
  // Datagrams that the kernel dropped because we did not read fast enough, as far as it has told.
  [[nodiscard]] std::uint64_t kernel_drops() const { return kernel_drops_; }
  [[nodiscard]] std::size_t open_sockets() const { return open_[0] + open_[1]; }

 private:
  struct Place {
    OriginSocket socket;
    OriginSendBatch::Queue queue;
  };

  void send_queue(UdpSocketId id);
  void send_all();
  void read_errors(UdpSocketId id, UdpReplies& replies, Time now);
  void read_replies(UdpSocketId id, UdpReplies& replies, Time now);
  [[nodiscard]] std::optional<DropReason> handle(UdpSocketId id, const UdpError& error,
                                                 UdpReplies& replies, Time now);

  const HostAddresses& host_;
  OriginPorts ports_;
  Fd epoll_;
  std::size_t max_sockets_;
  std::vector<Place> places_;
  std::array<std::size_t, 2> open_{};  // by family
  OriginSendBatch batch_;
  std::vector<UdpSocketId> waiting_;  // sockets whose queues are not empty
  OriginReceiveBatch received_;
  Failures failures_;
  StageCounters send_counters_;
  StageCounters receive_counters_;
  std::uint64_t kernel_drops_ = 0;
};

}  // namespace oneping
