#include "io/echo_error_batch.h"

#include <algorithm>
#include <array>

#include "io/queued_icmp_error.h"
#include "wire/icmp.h"

namespace oneping {

tl::expected<std::optional<QueuedError>, DropReason> read_queued_error(const msghdr& message,
                                                                       std::size_t size,
                                                                       const EchoSocket& socket) {
  const IpFamily family = family_of(socket.kind);
  const auto queued = read_queued_icmp_error(message, size, family, 0);
  if (!queued) return tl::make_unexpected(queued.error());
  if (!*queued) return std::nullopt;
  const QueuedIcmpError& error = **queued;
  const Bytes icmp = error.quote;
  if (icmp.size() < kIcmpHeaderSize) return tl::make_unexpected(DropReason::truncated);
  if (icmp_kind(family, icmp[0]) != IcmpKind::echo_request || load_be16(&icmp[4]) != socket.id) {
    return tl::make_unexpected(DropReason::no_flow);
  }
  return QueuedError{.slot = {socket.kind, socket.channel, load_be16(&icmp[6])},
                     .error = {.offender = error.offender,
                               .destination = error.destination.address,
                               .type = error.type,
                               .code = error.code,
                               .parameter = error.parameter,
                               .hop_limit = error.hop_limit,
                               .traffic_class = error.traffic_class,
                               .payload = icmp.subspan(kIcmpHeaderSize),
                               .extensions = error.extensions}};
}

struct EchoErrorBatch::Messages {
  struct Body {
    sockaddr_storage destination;
    iovec data;
    alignas(cmsghdr) std::array<std::uint8_t, 256> control;
    std::array<std::uint8_t, kMaxMessageSize> bytes;
  };
  std::array<mmsghdr, kMaxMessages> headers{};
  std::array<Body, kMaxMessages> bodies{};
};

EchoErrorBatch::EchoErrorBatch() : messages_(std::make_unique<Messages>()) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {
    Messages::Body& body = messages_->bodies[i];
    msghdr& header = messages_->headers[i].msg_hdr;
    body.data = {body.bytes.data(), body.bytes.size()};
    header.msg_name = &body.destination;
    header.msg_iov = &body.data;
    header.msg_iovlen = 1;
    header.msg_control = body.control.data();
  }
}

EchoErrorBatch::~EchoErrorBatch() = default;

std::size_t EchoErrorBatch::receive(const EchoSocket& socket) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {  // the kernel has overwritten these
    messages_->headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    messages_->headers[i].msg_hdr.msg_controllen = messages_->bodies[i].control.size();
  }
  return receive_queued_errors(socket.fd.get(), messages_->headers.data(), kMaxMessages);
}

tl::expected<std::optional<QueuedError>, DropReason> EchoErrorBatch::error(const EchoSocket& socket,
                                                                           std::size_t i) const {
  const mmsghdr& message = messages_->headers[i];
  return read_queued_error(message.msg_hdr, std::min<std::size_t>(message.msg_len, kMaxMessageSize),
                           socket);
}

}  // namespace oneping
