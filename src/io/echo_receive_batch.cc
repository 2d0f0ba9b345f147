#include "io/echo_receive_batch.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

#include "io/socket_address.h"
#include "wire/icmp.h"

namespace oneping {

namespace {

struct HopLimitAndClass {
  std::optional<std::uint8_t> hop_limit;
  std::optional<std::uint8_t> traffic_class;
};

// The value of a control message, which the kernel gives as one byte or as an int.
std::optional<std::uint8_t> small_value(const cmsghdr& control) {
  if (control.cmsg_len == CMSG_LEN(1)) return *CMSG_DATA(&control);
  if (control.cmsg_len != CMSG_LEN(sizeof(int))) return std::nullopt;
  int value;
  std::memcpy(&value, CMSG_DATA(&control), sizeof value);
  return static_cast<std::uint8_t>(value);
}

HopLimitAndClass read_control(const msghdr& header) {
  HopLimitAndClass result;
  auto* mutable_header = const_cast<msghdr*>(&header);  // CMSG_NXTHDR wants it, changes nothing
  for (cmsghdr* control = CMSG_FIRSTHDR(&header); control != nullptr;
       control = CMSG_NXTHDR(mutable_header, control)) {
    const bool v6 = control->cmsg_level == IPPROTO_IPV6;
    if (!v6 && control->cmsg_level != IPPROTO_IP) continue;
    if (control->cmsg_type == (v6 ? IPV6_HOPLIMIT : IP_TTL)) {
      result.hop_limit = small_value(*control);
    } else if (control->cmsg_type == (v6 ? IPV6_TCLASS : IP_TOS)) {
      result.traffic_class = small_value(*control);
    }
  }
  return result;
}

}  // namespace

struct EchoReceiveBatch::Messages {
  struct Body {
    sockaddr_storage source;
    iovec data;
    alignas(cmsghdr) std::array<std::uint8_t, 64> control;
    std::array<std::uint8_t, kMaxMessageSize> bytes;
  };
  std::array<mmsghdr, kMaxMessages> headers{};
  std::array<Body, kMaxMessages> bodies{};
};

EchoReceiveBatch::EchoReceiveBatch() : messages_(std::make_unique<Messages>()) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {
    Messages::Body& body = messages_->bodies[i];
    msghdr& header = messages_->headers[i].msg_hdr;
    body.data = {body.bytes.data(), body.bytes.size()};
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
  int received;
  do {
    received =
        recvmmsg(socket.fd.get(), messages_->headers.data(), kMaxMessages, MSG_DONTWAIT, nullptr);
  } while (received < 0 && errno == EINTR);
  return received < 0 ? 0 : static_cast<std::size_t>(received);
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
  const auto [hop_limit, traffic_class] = read_control(header);
  if (!hop_limit || !traffic_class) return tl::make_unexpected(DropReason::truncated);

  const Bytes icmp = Bytes(body.bytes).first(size);
  if (icmp_kind(family, icmp[0]) != IcmpKind::echo_reply || icmp[1] != 0) {
    return tl::make_unexpected(DropReason::not_reply_or_error);
  }
  if (load_be16(&icmp[4]) != socket.id) return tl::make_unexpected(DropReason::no_flow);
  return Reply{.slot = {socket.kind, socket.channel, load_be16(&icmp[6])},
               .echo = {.source = from_sockaddr(body.source).address,
                        .hop_limit = *hop_limit,
                        .traffic_class = *traffic_class,
                        .payload = icmp.subspan(kIcmpHeaderSize)}};
}

}  // namespace oneping
