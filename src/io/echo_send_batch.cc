#include "io/echo_send_batch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/socket_address.h"

namespace oneping {

namespace {

constexpr std::uint8_t kEchoRequestV4 = 8;
constexpr std::uint8_t kEchoRequestV6 = 128;

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
    header.msg_controllen = body.control.size();
  }
}

EchoSendBatch::~EchoSendBatch() = default;

void EchoSendBatch::add(std::uint16_t sequence, const EchoRequest& request) {
  Messages::Body& body = messages_->bodies[size_];
  msghdr& header = messages_->headers[size_].msg_hdr;
  const bool v4 = family_ == IpFamily::v4;

  header.msg_namelen = to_sockaddr({request.destination, 0}, body.destination);
  cmsghdr* control = CMSG_FIRSTHDR(&header);
  put_int(control, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TTL : IPV6_HOPLIMIT, request.hop_limit);
  control = CMSG_NXTHDR(&header, control);
  put_int(control, v4 ? IPPROTO_IP : IPPROTO_IPV6, v4 ? IP_TOS : IPV6_TCLASS,
          request.traffic_class);

  std::uint8_t* icmp = body.bytes.data();
  std::fill_n(icmp, kIcmpHeaderSize, std::uint8_t{0});  // the kernel writes checksum and id
  icmp[0] = v4 ? kEchoRequestV4 : kEchoRequestV6;
  store_be16(icmp + 6, sequence);
  std::copy(request.payload.begin(), request.payload.end(), icmp + kIcmpHeaderSize);
  body.data.iov_len = kIcmpHeaderSize + request.payload.size();
  ++size_;
}

void EchoSendBatch::send(int fd, StageCounters& counters) {
  for (std::size_t next = 0; next < size_;) {
    const int sent =
        sendmmsg(fd, &messages_->headers[next], static_cast<unsigned>(size_ - next), MSG_DONTWAIT);
    if (sent > 0) {
      for (int i = 0; i < sent; ++i) counters.count_forwarded();
      next += static_cast<std::size_t>(sent);
    } else if (errno != EINTR) {  // the first of the rest is at fault
      counters.count_dropped(drop_reason_for_errno(errno));
      ++next;
    }
  }
  size_ = 0;
}

DropReason drop_reason_for_errno(int error) {
  switch (error) {
    case EMSGSIZE: return DropReason::too_big;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case EADDRNOTAVAIL: return DropReason::no_route;  // IPv6: no usable source address
    case EACCES:
    case EPERM: return DropReason::destination_refused;  // broadcast; a prohibiting route; a filter
    case EAGAIN:
    case ENOBUFS: return DropReason::queue_full;
  }
  return DropReason::send_failed;
}

}  // namespace oneping
