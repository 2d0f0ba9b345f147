#include "io/udp_socket.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/log.h"
#include "io/socket_address.h"
#include "io/system_error.h"
#include "io/udp_message.h"

namespace oneping {

namespace {

constexpr std::size_t kMaxPayload = 65536;    // what one message can hold, with GRO too
constexpr std::size_t kReceiveMessages = 32;  // a batch of recvmmsg
constexpr std::size_t kReceiveRuns = 4;       // the same with GRO, where a message holds a run
constexpr int kReceiveBatches = 4;            // a read()
// A read() begins no further batch after so many bytes. A hundred kilobytes may be a thousand echo
// requests, whose replies must be taken up before they overrun the ping sockets.
constexpr std::size_t kReceiveBytes = kMaxPayload;
constexpr std::size_t kSendMessages = 64;  // a batch of sendmmsg
constexpr std::size_t kSendBytes = 8 * kMaxPayload;

Result<void> set_option(int fd, int level, int name, int value, std::string_view what) {
  if (::setsockopt(fd, level, name, &value, sizeof value) == 0) return {};
  return system_failure("setting " + std::string(what));
}

void set_buffer_size(int fd, int forced, int polite, int bytes) {
  if (::setsockopt(fd, SOL_SOCKET, forced, &bytes, sizeof bytes) == 0) return;
  (void)::setsockopt(fd, SOL_SOCKET, polite, &bytes, sizeof bytes);  // the system caps it
}

bool knows_gso(int fd) {
  const int off = 0;
  const int on = 1;
  return ::setsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &off, sizeof off) == 0 &&
         ::setsockopt(fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on) == 0;
}

// Don't Fragment on every packet, and no path MTU of the kernel's in the way of QUIC's discovery.
// The numbers of the IPv4 option and value hold for IPv6 under other names.
Result<void> set_probing(int fd, IpFamily family) {
  return family == IpFamily::v4
             ? set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_PROBE, "IP_MTU_DISCOVER")
             : set_option(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_PROBE,
                          "IPV6_MTU_DISCOVER");
}

Result<void> set_packet_info(int fd, IpFamily family) {
  return family == IpFamily::v4
             ? set_option(fd, IPPROTO_IP, IP_PKTINFO, 1, "IP_PKTINFO")
             : set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1, "IPV6_RECVPKTINFO");
}

Result<Fd> open_bound(const UdpSocketOptions& options) {
  const IpFamily family = options.local.address.family();
  Fd fd(::socket(system_family(family), SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return system_failure("opening a UDP socket");
  if (family == IpFamily::v6) {
    const auto only = set_option(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, 1, "IPV6_V6ONLY");
    if (!only) return tl::make_unexpected(only.error());
  }
  if (const auto set = set_probing(fd.get(), family); !set) {
    return tl::make_unexpected(set.error());
  }
  if (options.local.address.is_unspecified()) {
    const auto set = set_packet_info(fd.get(), family);
    if (!set) return tl::make_unexpected(set.error());
  }
  set_buffer_size(fd.get(), SO_RCVBUFFORCE, SO_RCVBUF, options.buffer_size);
  set_buffer_size(fd.get(), SO_SNDBUFFORCE, SO_SNDBUF, options.buffer_size);
  sockaddr_storage storage{};
  const socklen_t size = to_sockaddr(options.local, storage);
  if (::bind(fd.get(), reinterpret_cast<sockaddr*>(&storage), size) != 0) {
    return system_failure("binding to UDP address " + options.local.to_string());
  }
  return fd;
}

Result<SocketAddress> bound_address(int fd) {
  sockaddr_storage storage{};
  socklen_t size = sizeof storage;
  if (::getsockname(fd, reinterpret_cast<sockaddr*>(&storage), &size) != 0) {
    return system_failure("asking for a UDP socket's address");
  }
  return from_sockaddr(storage);
}

std::size_t segments(std::size_t bytes, std::size_t segment_size) {
  return segment_size == 0 ? 1 : (bytes + segment_size - 1) / segment_size;
}

}  // namespace

class UdpSocket::Impl {
 public:
  Impl(Fd fd, const SocketAddress& local, Batching batching)
      : fd_(std::move(fd)), local_(local), batching_(batching) {
    for (std::size_t i = 0; i < kReceiveMessages; ++i) {
      received_[i].bytes = {receive_bytes_.get() + i * kMaxPayload, kMaxPayload};
    }
  }

  void read(const OnPackets& on_packets) {
    std::size_t bytes = 0;
    for (int batch = 0; batch < kReceiveBatches && bytes < kReceiveBytes; ++batch) {
      const std::size_t wanted = receive_batch();
      for (std::size_t i = 0; i < wanted; ++i) point_for_receive(headers_[i], received_[i]);
      ++counters_.receive_calls;
      const int count = ::recvmmsg(fd_.get(), headers_.data(), static_cast<unsigned>(wanted),
                                   MSG_DONTWAIT, nullptr);
      if (count < 0) {
        if (errno == EAGAIN) return;
        continue;  // EINTR, or an ICMP error about an earlier packet, which the call took away
      }
      for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
        bytes += headers_[i].msg_len;
        deliver(i, on_packets);
      }
      if (static_cast<std::size_t>(count) < wanted) return;
    }
  }

  void send(const quic::Path& path, Bytes bytes, std::size_t segment_size) {
    if (bytes.empty() || segment_size == 0) return;
    const std::size_t packets = segments(bytes.size(), segment_size);
    if (path.remote.address.family() != local_.address.family() || bytes.size() > kMaxPayload) {
      counters_.send_failed += packets;
      return;
    }
    if (queued_bytes_ + bytes.size() > kSendBytes) flush();
    std::memcpy(send_bytes_.get() + queued_bytes_, bytes.data(), bytes.size());
    const Bytes copy(send_bytes_.get() + queued_bytes_, bytes.size());
    queued_bytes_ += bytes.size();
    if (batching_ == Batching::gso) {
      enqueue(path, copy, packets == 1 ? 0 : segment_size);
      return;
    }
    for (std::size_t at = 0; at < copy.size(); at += segment_size) {
      enqueue(path, copy.subspan(at, std::min(segment_size, copy.size() - at)), 0);
    }
  }

  void flush() {
    send_queued();
    queued_bytes_ = 0;
  }

  Fd fd_;
  SocketAddress local_;
  Batching batching_;
  UdpSocketCounters counters_;

 private:
  struct Queued {
    quic::Path path;
    Bytes bytes;
    std::size_t segment_size;  // 0: one packet
    [[nodiscard]] std::size_t packets() const { return segments(bytes.size(), segment_size); }
  };

  void deliver(std::size_t i, const OnPackets& on_packets) {
    const msghdr& header = headers_[i].msg_hdr;
    const std::size_t size = headers_[i].msg_len;
    const UdpReceiveInfo info = read_control(header);
    const std::size_t segment_size = info.segment_size == 0 ? size : info.segment_size;
    if ((header.msg_flags & MSG_TRUNC) != 0) {
      ++counters_.truncated;
      return;
    }
    if (size == 0) return;  // an empty packet says nothing to QUIC
    counters_.received += segments(size, segment_size);
    const quic::Path path{{info.local.value_or(local_.address), local_.port},
                          from_sockaddr(received_[i].remote)};
    on_packets(path, {static_cast<const std::uint8_t*>(received_[i].bytes.iov_base), size},
               segment_size);
  }

  void enqueue(const quic::Path& path, Bytes bytes, std::size_t segment_size) {
    if (queued_ == kSendMessages) send_queued();
    queue_[queued_] = {path, bytes, segment_size};
    fill_for_send(send_headers_[queued_], sending_[queued_], path, bytes, is_wildcard(),
                  segment_size);
    ++queued_;
  }

  void send_queued() {
    std::size_t next = 0;
    while (next < queued_) {
      const std::size_t count = batching_ == Batching::single ? 1 : queued_ - next;
      ++counters_.send_calls;
      const int sent =
          ::sendmmsg(fd_.get(), &send_headers_[next], static_cast<unsigned>(count), MSG_DONTWAIT);
      if (sent > 0) {
        const std::size_t end = next + static_cast<std::size_t>(sent);
        for (; next < end; ++next) counters_.sent += queue_[next].packets();
      } else if (errno != EINTR) {
        next = on_send_error(next, errno);
      }
    }
    queued_ = 0;
  }

  // About the message at `next`; returns where to go on.
  std::size_t on_send_error(std::size_t next, int error) {
    const Queued& message = queue_[next];
    if (error == EAGAIN || error == ENOBUFS) {
      for (; next < queued_; ++next) counters_.would_block += queue_[next].packets();
      return queued_;
    }
    if (message.segment_size != 0 && (error == EIO || error == EINVAL || error == EMSGSIZE)) {
      if (send_one_by_one(message) && batching_ == Batching::gso) {
        log::info("UDP {}: the system takes no segments here ({}), going on without GSO",
                  local_.to_string(), errno_text(error));
        batching_ = Batching::mmsg;
      }
      return next + 1;
    }
    (error == EMSGSIZE ? counters_.too_big : counters_.send_failed) += message.packets();
    return next + 1;
  }

  // Without segmentation. True if that helped: then it was segmentation that the system refused,
  // and not the packets' size.
  bool send_one_by_one(const Queued& run) {
    bool any = false;
    for (std::size_t at = 0; at < run.bytes.size(); at += run.segment_size) {
      const Bytes packet = run.bytes.subspan(at, std::min(run.segment_size, run.bytes.size() - at));
      mmsghdr header;
      UdpMessage message;
      fill_for_send(header, message, run.path, packet, is_wildcard(), 0);
      ++counters_.send_calls;
      if (::sendmsg(fd_.get(), &header.msg_hdr, MSG_DONTWAIT) >= 0) {
        ++counters_.sent;
        any = any || packet.size() == run.segment_size;
      } else if (errno == EMSGSIZE) {
        ++counters_.too_big;
      } else {
        ++(errno == EAGAIN || errno == ENOBUFS ? counters_.would_block : counters_.send_failed);
      }
    }
    return any;
  }

  [[nodiscard]] bool is_wildcard() const { return local_.address.is_unspecified(); }
  [[nodiscard]] std::size_t receive_batch() const {
    switch (batching_) {
      case Batching::single: return 1;
      case Batching::gso: return kReceiveRuns;
      case Batching::automatic:
      case Batching::mmsg: return kReceiveMessages;
    }
    return 1;
  }

  std::unique_ptr<std::uint8_t[]> receive_bytes_{new std::uint8_t[kReceiveMessages * kMaxPayload]};
  std::array<UdpMessage, kReceiveMessages> received_;
  std::array<mmsghdr, kReceiveMessages> headers_;

  std::unique_ptr<std::uint8_t[]> send_bytes_{new std::uint8_t[kSendBytes]};
  std::size_t queued_bytes_ = 0;
  std::array<Queued, kSendMessages> queue_;
  std::array<UdpMessage, kSendMessages> sending_;
  std::array<mmsghdr, kSendMessages> send_headers_;
  std::size_t queued_ = 0;
};

Result<std::unique_ptr<UdpSocket>> UdpSocket::open(const UdpSocketOptions& options) {
  auto fd = open_bound(options);
  if (!fd) return tl::make_unexpected(fd.error());
  const auto local = bound_address(fd->get());
  if (!local) return tl::make_unexpected(local.error());
  Batching batching = options.batching;
  if (batching == Batching::automatic || batching == Batching::gso) {
    const bool gso = knows_gso(fd->get());
    if (!gso && batching == Batching::gso) {
      return system_failure("switching on UDP segmentation (GSO)");
    }
    batching = gso ? Batching::gso : Batching::mmsg;
  }
  log::debug("UDP {}: {}", local->to_string(),
             batching == Batching::gso    ? "sends with GSO, receives with GRO"
             : batching == Batching::mmsg ? "sends with sendmmsg"
                                          : "sends one packet a call");
  return std::unique_ptr<UdpSocket>(
      new UdpSocket(std::make_unique<Impl>(std::move(*fd), *local, batching)));
}

UdpSocket::UdpSocket(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
UdpSocket::~UdpSocket() = default;

int UdpSocket::fd() const { return impl_->fd_.get(); }
const SocketAddress& UdpSocket::local() const { return impl_->local_; }
Batching UdpSocket::batching() const { return impl_->batching_; }
const UdpSocketCounters& UdpSocket::counters() const { return impl_->counters_; }

void UdpSocket::read(const OnPackets& on_packets) { impl_->read(on_packets); }
void UdpSocket::send(const quic::Path& path, Bytes bytes, std::size_t segment_size) {
  impl_->send(path, bytes, segment_size);
}
void UdpSocket::flush() { impl_->flush(); }

}  // namespace oneping
