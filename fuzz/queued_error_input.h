// A fuzz input as a message of a socket's error queue: flags, the size of the control message, the
// name, the control message, and the quoted packet. It refers to the input, and to itself.
#pragma once

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "base/bytes.h"
#include "wire/ip_address.h"

namespace oneping {

class QueuedErrorInput {
 public:
  static constexpr std::size_t kNameSize = 28;

  explicit QueuedErrorInput(Bytes input)
      : family((input[0] & 1) != 0 ? IpFamily::v6 : IpFamily::v4),
        is_about_live((input[0] & 2) != 0) {
    std::memcpy(&name_, input.data() + 2, kNameSize);
    name_.ss_family = family == IpFamily::v6 ? AF_INET6 : AF_INET;
    const Bytes rest = input.subspan(2 + kNameSize);
    const std::size_t control_size = std::min<std::size_t>(input[1], rest.size());
    std::copy_n(rest.begin(), control_size, control_.begin());
    quote = rest.subspan(control_size);
    part_ = {const_cast<std::uint8_t*>(quote.data()), quote.size()};
    message.msg_name = &name_;
    message.msg_namelen = kNameSize;
    message.msg_iov = &part_;
    message.msg_iovlen = 1;
    message.msg_control = control_.data();
    message.msg_controllen = control_size;
  }
  QueuedErrorInput(const QueuedErrorInput&) = delete;
  QueuedErrorInput& operator=(const QueuedErrorInput&) = delete;

  [[nodiscard]] static bool is_enough(Bytes input) { return input.size() >= 2 + kNameSize; }
  // Of what was read: a part of the quote, or nothing.
  [[nodiscard]] bool quotes(Bytes part) const {
    return part.empty() || (part.data() >= quote.data() &&
                            part.data() + part.size() <= quote.data() + quote.size());
  }

  IpFamily family;
  bool is_about_live;
  Bytes quote;
  msghdr message{};

 private:
  sockaddr_storage name_{};
  alignas(cmsghdr) std::array<std::uint8_t, 256> control_{};
  iovec part_{};
};

}  // namespace oneping
