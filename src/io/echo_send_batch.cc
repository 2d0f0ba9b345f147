#include "io/echo_send_batch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/socket_address.h"

namespace oneping {

namespace {

constexpr std::uint8_t kEchoRequestV4 = 8;
constexpr std::uint8_t kEchoRequestV6 = 128;
constexpr int kTries = 4;

void put_int(cmsghdr* control, int level, int type, int value) {
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(control), &value, sizeof value);
}

}  // namespace

struct EchoSendBatch::Messages {
  struct Body {
    sockaddr_storage destination;
    iovec data;
    alignas(cmsghdr) std::array<std::uint8_t, 2 * CMSG_SPACE(sizeof(int))> control;
    std::array<std::uint8_t, kMaxMessageSize> bytes;
  };
  std::array<mmsghdr, kMaxMessages> headers{};
  std::array<Body, kMaxMessages> bodies{};
};

EchoSendBatch::EchoSendBatch(IpFamily family)
    : family_(family), messages_(std::make_unique<Messages>()) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {
    Messages::Body& body = messages_->bodies[i];
    msghdr& header = messages_->headers[i].msg_hdr;
    body.data.iov_base = body.bytes.data();
    header.msg_name = &body.destination;
    header.msg_iov = &body.data;
    header.msg_iovlen = 1;
    header.msg_control = body.control.data();
  }
}

EchoSendBatch::~EchoSendBatch() = default;

void EchoSendBatch::add(std::uint16_t sequence, const EchoRequest& request) {
  Messages::Body& body = messages_->bodies[size_];
  msghdr& header = messages_->headers[size_].msg_hdr;
  const bool v4 = family_ == IpFamily::v4;

  header.msg_namelen = to_sockaddr({request.destination, 0}, body.destination);
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  header.msg_controllen = body.control.size();
  cmsghdr* control = CMSG_FIRSTHDR(&header);
  put_int(control, level, v4 ? IP_TOS : IPV6_TCLASS, request.traffic_class);
  if (request.hop_limit) {
    control = CMSG_NXTHDR(&header, control);
    put_int(control, level, v4 ? IP_TTL : IPV6_HOPLIMIT, *request.hop_limit);
  } else {
    header.msg_controllen = CMSG_SPACE(sizeof(int));
  }

  std::uint8_t* icmp = body.bytes.data();
  std::fill_n(icmp, kIcmpHeaderSize, std::uint8_t{0});  // the kernel writes checksum and id
  icmp[0] = v4 ? kEchoRequestV4 : kEchoRequestV6;
  store_be16(icmp + 6, sequence);
  std::copy(request.payload.begin(), request.payload.end(), icmp + kIcmpHeaderSize);
  body.data.iov_len = kIcmpHeaderSize + request.payload.size();
  ++size_;
}

// An error that has come about another request makes a send fail once, with that error's number
// (ping-sockets have no other way to tell): only what happens again is this request's own.
EchoSendBatch::Progress EchoSendBatch::send_from(std::size_t first, int fd) {
  for (int i = 0;; ++i) {
    const int sent = sendmmsg(fd, &messages_->headers[first], static_cast<unsigned>(size_ - first),
                              MSG_DONTWAIT);
    if (sent > 0) return {static_cast<std::size_t>(sent), std::nullopt};
    const DropReason reason = drop_reason_for_errno(errno);
    if (i == kTries || reason == DropReason::queue_full) return {0, reason};
  }
}

EchoSendBatch::Refused EchoSendBatch::refused(std::size_t i, DropReason reason) const {
  const Messages::Body& body = messages_->bodies[i];
  const Bytes icmp = Bytes(body.bytes).first(body.data.iov_len);
  return {.reason = reason,
          .sequence = load_be16(&icmp[6]),
          .destination = from_sockaddr(body.destination).address,
          .payload = icmp.subspan(kIcmpHeaderSize)};
}

DropReason drop_reason_for_errno(int error) {
  switch (error) {
    case EMSGSIZE: return DropReason::too_big;
    case ENETUNREACH:
    case EADDRNOTAVAIL: return DropReason::no_route;  // IPv6: no usable source address
    case EHOSTUNREACH: return DropReason::host_unreachable;
    case EACCES:
    case EPERM: return DropReason::destination_refused;  // broadcast; a prohibiting route; a filter
    case EAGAIN:
    case ENOBUFS: return DropReason::queue_full;
  }
  return DropReason::send_failed;
}

}  // namespace oneping
