#include "io/echo_receive_batch.h"

#include <sys/socket.h>

#include <array>
#include <cerrno>

#include "io/echo_control.h"
#include "io/socket_address.h"
#include "wire/icmp.h"

namespace oneping {

namespace {
constexpr int kTries = 8;
}  // namespace

struct EchoReceiveBatch::Messages {
  struct Body {
    sockaddr_storage source;
    iovec data;
    alignas(cmsghdr) std::array<std::uint8_t, 64> control;
    std::uint8_t* bytes;  // kMaxMessageSize
  };
  std::array<mmsghdr, kMaxMessages> headers{};
  std::array<Body, kMaxMessages> bodies{};
  // Not made zero, which would touch it.
  std::unique_ptr<std::uint8_t[]> memory{new std::uint8_t[kMaxMessages * kMaxMessageSize]};
};

EchoReceiveBatch::EchoReceiveBatch() : messages_(std::make_unique<Messages>()) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {
    Messages::Body& body = messages_->bodies[i];
    msghdr& header = messages_->headers[i].msg_hdr;
    body.bytes = messages_->memory.get() + i * kMaxMessageSize;
    body.data = {body.bytes, kMaxMessageSize};
    header.msg_name = &body.source;
    header.msg_iov = &body.data;
    header.msg_iovlen = 1;
    header.msg_control = body.control.data();
  }
}

EchoReceiveBatch::~EchoReceiveBatch() = default;

std::size_t EchoReceiveBatch::receive(const EchoSocket& socket) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {  // the kernel has overwritten these
    messages_->headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    messages_->headers[i].msg_hdr.msg_controllen = messages_->bodies[i].control.size();
  }
  // A pending error about some request makes the first call fail, and has nothing to do with what
  // is to be read.
  for (int i = 0; i < kTries; ++i) {
    const int received =
        recvmmsg(socket.fd.get(), messages_->headers.data(), kMaxMessages, MSG_DONTWAIT, nullptr);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno == EAGAIN) return 0;
  }
  return 0;
}

tl::expected<EchoReceiveBatch::Reply, DropReason> EchoReceiveBatch::reply(const EchoSocket& socket,
                                                                          std::size_t i) const {
  const msghdr& header = messages_->headers[i].msg_hdr;
  const Messages::Body& body = messages_->bodies[i];
  const IpFamily family = family_of(socket.kind);
  const std::size_t size = messages_->headers[i].msg_len;
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || size < kIcmpHeaderSize ||
      size > kMaxMessageSize || header.msg_namelen == 0 ||
      body.source.ss_family != system_family(family)) {
    return tl::make_unexpected(DropReason::truncated);
  }
  HopLimitAndClass received;
  for_each_control(header, [&](const cmsghdr& control) { received.read(control); });
  if (!received.hop_limit || !received.traffic_class)
    return tl::make_unexpected(DropReason::truncated);

  const Bytes icmp(body.bytes, size);
  if (icmp_kind(family, icmp[0]) != IcmpKind::echo_reply || icmp[1] != 0) {
    return tl::make_unexpected(DropReason::not_reply_or_error);
  }
  if (load_be16(&icmp[4]) != socket.id) return tl::make_unexpected(DropReason::no_flow);
  return Reply{.slot = {socket.kind, socket.channel, load_be16(&icmp[6])},
               .echo = {.source = from_sockaddr(body.source).address,
                        .hop_limit = *received.hop_limit,
                        .traffic_class = *received.traffic_class,
                        .payload = icmp.subspan(kIcmpHeaderSize)}};
}

}  // namespace oneping
