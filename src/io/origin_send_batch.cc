#include "io/origin_send_batch.h"

#include <array>
#include <cstring>

#include "io/control_messages.h"
#include "io/send_error.h"
#include "io/socket_address.h"

namespace oneping {

struct OriginSendBatch::Messages {
  struct Body {
    sockaddr_storage destination;
    socklen_t destination_size;
    iovec data;
    bool dont_fragment;
    std::uint16_t next;
    std::uint8_t traffic_class;
    std::optional<std::uint8_t> hop_limit;
    SendControl control;
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

  body.destination_size = to_sockaddr(datagram.destination, body.destination);
  body.dont_fragment = datagram.dont_fragment;
  body.next = kNone;
  std::uint8_t* bytes = messages_->bytes.data() + bytes_used_;
  if (!datagram.payload.empty()) {
    std::memcpy(bytes, datagram.payload.data(), datagram.payload.size());
  }
  body.data = {bytes, datagram.payload.size()};
  bytes_used_ += datagram.payload.size();

  body.traffic_class = datagram.traffic_class;
  body.hop_limit = datagram.hop_limit;

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
    body.control.attach_to(header.msg_hdr, socket.family, body.traffic_class, body.hop_limit);
    queue.first = body.next;
  }
  return count;
}

OriginSendBatch::Progress OriginSendBatch::send_from(std::size_t first, std::size_t count, int fd) {
  int sent = 0;
  const auto refused = try_to_send([&] {
    sent = sendmmsg(fd, &messages_->headers[first], static_cast<unsigned>(count - first),
                    MSG_DONTWAIT);
    return sent > 0;
  });
  return {refused ? 0 : static_cast<std::size_t>(sent), refused};
}

OriginSendBatch::Refused OriginSendBatch::refused(std::size_t i, DropReason reason) const {
  const msghdr& header = messages_->headers[i].msg_hdr;
  return {.reason = reason,
          .destination = from_sockaddr(*static_cast<const sockaddr_storage*>(header.msg_name)),
          .payload = {static_cast<const std::uint8_t*>(header.msg_iov->iov_base),
                      header.msg_iov->iov_len}};
}

}  // namespace oneping
