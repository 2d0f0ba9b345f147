#include "io/message_batch.h"

#include <algorithm>
#include <cerrno>

namespace oneping {

namespace {
constexpr int kTries = 8;
}  // namespace

MessageBatch::MessageBatch(std::size_t max_messages, std::size_t max_message_size)
    : headers_(max_messages),
      bodies_(max_messages),
      // Not made zero, which would touch it.
      memory_(new std::uint8_t[max_messages * max_message_size]) {
  for (std::size_t i = 0; i < max_messages; ++i) {
    Body& body = bodies_[i];
    msghdr& header = headers_[i].msg_hdr;
    body.data = {memory_.get() + i * max_message_size, max_message_size};
    header.msg_name = &body.peer;
    header.msg_iov = &body.data;
    header.msg_iovlen = 1;
    header.msg_control = body.control.data();
  }
}

// A pending error about something that was sent makes the first call fail, and has nothing to do
// with what is to be read.
std::size_t MessageBatch::receive_with(int fd, int flags) {
  for (std::size_t i = 0; i < headers_.size(); ++i) {  // the kernel has overwritten these
    headers_[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    headers_[i].msg_hdr.msg_controllen = bodies_[i].control.size();
  }
  for (int i = 0; i < kTries; ++i) {
    const int received = recvmmsg(fd, headers_.data(), static_cast<unsigned>(headers_.size()),
                                  flags | MSG_DONTWAIT, nullptr);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno == EAGAIN) return 0;
  }
  return 0;
}

Bytes MessageBatch::bytes(std::size_t i) const {
  const iovec& room = bodies_[i].data;
  return {static_cast<const std::uint8_t*>(room.iov_base),
          std::min<std::size_t>(headers_[i].msg_len, room.iov_len)};
}

}  // namespace oneping
