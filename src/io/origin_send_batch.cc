#include "io/origin_send_batch.h"

#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "io/send_error.h"
#include "io/socket_address.h"

namespace oneping {

namespace {

constexpr int kTries = 4;

void put_int(cmsghdr* control, int level, int type, int value) {
  control->cmsg_level = level;
  control->cmsg_type = type;
  control->cmsg_len = CMSG_LEN(sizeof value);
  std::memcpy(CMSG_DATA(control), &value, sizeof value);
}

}  // namespace

struct OriginSendBatch::Messages {
  struct Body {
    sockaddr_storage destination;
    socklen_t destination_size;
    iovec data;
    bool dont_fragment;
    std::uint16_t next;
    std::size_t control_size;
    alignas(cmsghdr) std::array<std::uint8_t, 2 * CMSG_SPACE(sizeof(int))> control;
  };
  std::array<Body, kMaxMessages> bodies{};
  std::array<mmsghdr, kMaxMessages> headers{};  // of what is being sent
  std::vector<std::uint8_t> bytes = std::vector<std::uint8_t>(kMaxBytes);
};

OriginSendBatch::OriginSendBatch() : messages_(std::make_unique<Messages>()) {}

OriginSendBatch::~OriginSendBatch() = default;

void OriginSendBatch::add(Queue& queue, const UdpDatagram& datagram) {
  const auto place = static_cast<std::uint16_t>(size_++);
  Messages::Body& body = messages_->bodies[place];
  const bool v4 = datagram.destination.address.is_v4();

  body.destination_size = to_sockaddr(datagram.destination, body.destination);
  body.dont_fragment = datagram.dont_fragment;
  body.next = kNone;
  std::uint8_t* bytes = messages_->bytes.data() + bytes_used_;
  if (!datagram.payload.empty()) {
    std::memcpy(bytes, datagram.payload.data(), datagram.payload.size());
  }
  body.data = {bytes, datagram.payload.size()};
  bytes_used_ += datagram.payload.size();

  msghdr controls{};
  controls.msg_control = body.control.data();
  controls.msg_controllen = body.control.size();
  cmsghdr* control = CMSG_FIRSTHDR(&controls);
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  put_int(control, level, v4 ? IP_TOS : IPV6_TCLASS, datagram.traffic_class);
  body.control_size = CMSG_SPACE(sizeof(int));
  if (datagram.hop_limit) {
    control = CMSG_NXTHDR(&controls, control);
    put_int(control, level, v4 ? IP_TTL : IPV6_HOPLIMIT, *datagram.hop_limit);
    body.control_size = body.control.size();
  }

  (queue.is_empty() ? queue.first : messages_->bodies[queue.last].next) = place;
  queue.last = place;
}

std::size_t OriginSendBatch::gather(Queue& queue, OriginSocket& socket) {
  const bool dont_fragment = messages_->bodies[queue.first].dont_fragment;
  socket.set_dont_fragment(dont_fragment);
  std::size_t count = 0;
  while (!queue.is_empty() && messages_->bodies[queue.first].dont_fragment == dont_fragment) {
    Messages::Body& body = messages_->bodies[queue.first];
    mmsghdr& header = messages_->headers[count++];
    header = {};
    header.msg_hdr.msg_name = &body.destination;
    header.msg_hdr.msg_namelen = body.destination_size;
    header.msg_hdr.msg_iov = &body.data;
    header.msg_hdr.msg_iovlen = 1;
    header.msg_hdr.msg_control = body.control.data();
    header.msg_hdr.msg_controllen = body.control_size;
    queue.first = body.next;
  }
  return count;
}

// An error that has come about another datagram makes a send fail once, with that error's number:
// only what happens again is this datagram's own.
OriginSendBatch::Progress OriginSendBatch::send_from(std::size_t first, std::size_t count, int fd) {
  for (int i = 0;; ++i) {
    const int sent = sendmmsg(fd, &messages_->headers[first], static_cast<unsigned>(count - first),
                              MSG_DONTWAIT);
    if (sent > 0) return {static_cast<std::size_t>(sent), std::nullopt};
    const DropReason reason = drop_reason_for_errno(errno);
    if (i == kTries || reason == DropReason::queue_full) return {0, reason};
  }
}

OriginSendBatch::Refused OriginSendBatch::refused(std::size_t i, DropReason reason) const {
  const msghdr& header = messages_->headers[i].msg_hdr;
  return {.reason = reason,
          .destination = from_sockaddr(*static_cast<const sockaddr_storage*>(header.msg_name)),
          .payload = {static_cast<const std::uint8_t*>(header.msg_iov->iov_base),
                      header.msg_iov->iov_len}};
}

}  // namespace oneping
