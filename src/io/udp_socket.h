// A UDP socket for QUIC: many packets to a system call, both ways, and the local address of each.
//
// What send() is given is copied and leaves at flush(), or earlier when the queue is full. With GSO
// one message carries a run of equal packets; without, one sendmmsg carries many. All memory is
// taken at open(). A socket bound to a wildcard address tells to which local address a packet came,
// and sends from the local address of the path.
//
// Nothing here is an error after open(): a packet that the system does not take is dropped and
// counted, and QUIC finds out.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "base/result.h"
#include "io/fd.h"
#include "quic/path.h"

namespace oneping {

enum class Batching : std::uint8_t {
  automatic,  // gso if the kernel knows it, else mmsg
  gso,        // UDP_SEGMENT and UDP_GRO
  mmsg,       // one packet a message, many messages a call
  single,     // one packet a call
};

struct UdpSocketOptions {
  SocketAddress local;  // port 0: the system chooses
  Batching batching = Batching::automatic;
  int buffer_size = 4 << 20;  // bytes, each way; less where the system's limits say so
};

// In packets, but for `calls`.
struct UdpSocketCounters {
  std::uint64_t received = 0;
  std::uint64_t truncated = 0;  // received and longer than any buffer
  std::uint64_t sent = 0;
  std::uint64_t would_block = 0;  // dropped: the send buffer was full
  std::uint64_t too_big = 0;      // dropped: over the path's MTU (probes of QUIC are meant to be)
  std::uint64_t send_failed = 0;  // dropped: no route, refused by a filter, wrong family
  std::uint64_t send_calls = 0;
  std::uint64_t receive_calls = 0;
};

class UdpSocket final : public quic::UdpSender {
 public:
  // Bytes are one or more payloads as in UdpSender::send.
  using OnPackets =
      std::function<void(const quic::Path& path, Bytes bytes, std::size_t segment_size)>;

  [[nodiscard]] static Result<std::unique_ptr<UdpSocket>> open(const UdpSocketOptions& options);
  ~UdpSocket() override;

  [[nodiscard]] int fd() const;
  // Where it is bound, with the port that the system chose.
  [[nodiscard]] const SocketAddress& local() const;
  // How it sends now; never automatic. Falls from gso to mmsg when the device turns out not to
  // take segments.
  [[nodiscard]] Batching batching() const;
  [[nodiscard]] const UdpSocketCounters& counters() const;

  // Hands out what has come, a bounded number of packets; the socket stays readable if there is
  // more.
  void read(const OnPackets& on_packets);

  void send(const quic::Path& path, Bytes bytes, std::size_t segment_size) override;
  void flush();

 private:
  class Impl;
  explicit UdpSocket(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace oneping
