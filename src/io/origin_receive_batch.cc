#include "io/origin_receive_batch.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "io/echo_control.h"
#include "io/queued_icmp_error.h"
#include "io/socket_address.h"
#include "wire/udp.h"

namespace oneping {

namespace {
constexpr int kTries = 8;
}  // namespace

tl::expected<std::optional<UdpError>, DropReason> read_queued_udp_error(const msghdr& message,
                                                                        std::size_t size,
                                                                        IpFamily family) {
  const auto queued = read_queued_icmp_error(message, size, family, kUdpHeaderSize);
  if (!queued) return tl::make_unexpected(queued.error());
  if (!*queued) return std::nullopt;
  const QueuedIcmpError& error = **queued;
  return UdpError{.offender = error.offender,
                  .destination = error.destination,
                  .type = error.type,
                  .code = error.code,
                  .parameter = error.parameter,
                  .hop_limit = error.hop_limit,
                  .traffic_class = error.traffic_class,
                  .payload = error.quote,
                  .extensions = error.extensions};
}

struct OriginReceiveBatch::Messages {
  struct Body {
    sockaddr_storage peer;
    iovec data;
    alignas(cmsghdr) std::array<std::uint8_t, 256> control;
  };
  std::array<mmsghdr, kMaxMessages> headers{};
  std::array<Body, kMaxMessages> bodies{};
  // Not initialized: what is never received into takes no memory.
  std::unique_ptr<std::uint8_t[]> bytes{new std::uint8_t[kMaxMessages * kMaxMessageSize]};
};

OriginReceiveBatch::OriginReceiveBatch() : messages_(std::make_unique<Messages>()) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {
    Messages::Body& body = messages_->bodies[i];
    msghdr& header = messages_->headers[i].msg_hdr;
    body.data = {messages_->bytes.get() + i * kMaxMessageSize, kMaxMessageSize};
    header.msg_name = &body.peer;
    header.msg_iov = &body.data;
    header.msg_iovlen = 1;
    header.msg_control = body.control.data();
  }
}

OriginReceiveBatch::~OriginReceiveBatch() = default;

// The kernel has overwritten these.
void OriginReceiveBatch::prepare() {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {
    messages_->headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    messages_->headers[i].msg_hdr.msg_controllen = messages_->bodies[i].control.size();
  }
}

// A pending error about something that was sent makes the first call fail, and has nothing to do
// with what is to be read.
std::size_t OriginReceiveBatch::receive(const OriginSocket& socket) {
  prepare();
  for (int i = 0; i < kTries; ++i) {
    const int received =
        recvmmsg(socket.fd.get(), messages_->headers.data(), kMaxMessages, MSG_DONTWAIT, nullptr);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno == EAGAIN) return 0;
  }
  return 0;
}

std::size_t OriginReceiveBatch::receive_errors(const OriginSocket& socket) {
  prepare();
  return receive_queued_errors(socket.fd.get(), messages_->headers.data(), kMaxMessages);
}

tl::expected<OriginReceiveBatch::Received, DropReason> OriginReceiveBatch::reply(
    const OriginSocket& socket, std::size_t i) const {
  const msghdr& header = messages_->headers[i].msg_hdr;
  const Messages::Body& body = messages_->bodies[i];
  HopLimitAndClass received;
  std::optional<std::uint32_t> overflows;
  for_each_control(header, [&](const cmsghdr& control) {
    received.read(control);
    if (control.cmsg_level == SOL_SOCKET && control.cmsg_type == SO_RXQ_OVFL &&
        control.cmsg_len == CMSG_LEN(sizeof(std::uint32_t))) {
      std::uint32_t count;
      std::memcpy(&count, CMSG_DATA(&control), sizeof count);
      overflows = count;
    }
  });
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || header.msg_namelen == 0 ||
      body.peer.ss_family != system_family(socket.family) || !received.hop_limit ||
      !received.traffic_class) {
    return tl::make_unexpected(DropReason::truncated);
  }
  const auto* bytes = static_cast<const std::uint8_t*>(body.data.iov_base);
  return Received{.reply = {.source = from_sockaddr(body.peer),
                            .hop_limit = *received.hop_limit,
                            .traffic_class = *received.traffic_class,
                            .payload = {bytes, messages_->headers[i].msg_len}},
                  .overflows = overflows};
}

tl::expected<std::optional<UdpError>, DropReason> OriginReceiveBatch::error(
    const OriginSocket& socket, std::size_t i) const {
  const mmsghdr& message = messages_->headers[i];
  return read_queued_udp_error(
      message.msg_hdr, std::min<std::size_t>(message.msg_len, kMaxMessageSize), socket.family);
}

}  // namespace oneping
