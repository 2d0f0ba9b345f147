#include "io/echo_send_batch.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "io/send_error.h"
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

struct Control {
  alignas(cmsghdr) std::array<std::uint8_t, 2 * CMSG_SPACE(sizeof(int))> bytes;
};

// Hop limit and traffic class, in the `room` bytes at header.msg_control.
void write_control(msghdr& header, std::size_t room, const EchoRequest& request) {
  const bool v4 = request.destination.is_v4();
  const int level = v4 ? IPPROTO_IP : IPPROTO_IPV6;
  header.msg_controllen = room;
  cmsghdr* control = CMSG_FIRSTHDR(&header);
  put_int(control, level, v4 ? IP_TOS : IPV6_TCLASS, request.traffic_class);
  if (request.hop_limit) {
    control = CMSG_NXTHDR(&header, control);
    put_int(control, level, v4 ? IP_TTL : IPV6_HOPLIMIT, *request.hop_limit);
  } else {
    header.msg_controllen = CMSG_SPACE(sizeof(int));
  }
}

// The kernel writes checksum and id.
void write_icmp_header(std::uint8_t* icmp, IpFamily family, std::uint16_t sequence) {
  std::fill_n(icmp, kIcmpHeaderSize, std::uint8_t{0});
  icmp[0] = family == IpFamily::v4 ? kEchoRequestV4 : kEchoRequestV6;
  store_be16(icmp + 6, sequence);
}

// An error that has come about another request makes a send fail once, with that error's number:
// only what happens again is this request's own.
template <typename Send>
std::optional<DropReason> try_again(Send send) {
  for (int i = 0;; ++i) {
    if (send()) return std::nullopt;
    const DropReason reason = drop_reason_for_errno(errno);
    if (i == kTries || reason == DropReason::queue_full) return reason;
  }
}

}  // namespace

struct EchoSendBatch::Messages {
  struct Body {
    sockaddr_storage destination;
    iovec data;
    Control control;
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
    header.msg_control = body.control.bytes.data();
  }
}

EchoSendBatch::~EchoSendBatch() = default;

void EchoSendBatch::add(std::uint16_t sequence, const EchoRequest& request) {
  Messages::Body& body = messages_->bodies[size_];
  msghdr& header = messages_->headers[size_].msg_hdr;
  header.msg_namelen = to_sockaddr({request.destination, 0}, body.destination);
  write_control(header, body.control.bytes.size(), request);
  std::uint8_t* icmp = body.bytes.data();
  write_icmp_header(icmp, family_, sequence);
  std::copy(request.payload.begin(), request.payload.end(), icmp + kIcmpHeaderSize);
  body.data.iov_len = kIcmpHeaderSize + request.payload.size();
  ++size_;
}

EchoSendBatch::Progress EchoSendBatch::send_from(std::size_t first, int fd) {
  const auto rest = static_cast<unsigned>(size_ - first);
  int sent = 0;
  const auto refused = try_again([&] {
    sent = sendmmsg(fd, &messages_->headers[first], rest, MSG_DONTWAIT);
    return sent > 0;
  });
  return {refused ? 0 : static_cast<std::size_t>(sent), refused};
}

EchoSendBatch::Refused EchoSendBatch::refused(std::size_t i, DropReason reason) const {
  const Messages::Body& body = messages_->bodies[i];
  const Bytes icmp = Bytes(body.bytes).first(body.data.iov_len);
  return {.reason = reason,
          .sequence = load_be16(&icmp[6]),
          .destination = from_sockaddr(body.destination).address,
          .payload = icmp.subspan(kIcmpHeaderSize)};
}

std::optional<DropReason> send_echo(int fd, std::uint16_t sequence, const EchoRequest& request) {
  sockaddr_storage destination;
  Control control;
  std::array<std::uint8_t, kIcmpHeaderSize> icmp;
  write_icmp_header(icmp.data(), request.destination.family(), sequence);
  // The system only reads what it sends.
  auto* payload = const_cast<std::uint8_t*>(request.payload.data());
  std::array<iovec, 2> parts{iovec{icmp.data(), icmp.size()},
                             iovec{payload, request.payload.size()}};
  msghdr header{};
  header.msg_name = &destination;
  header.msg_namelen = to_sockaddr({request.destination, 0}, destination);
  header.msg_iov = parts.data();
  header.msg_iovlen = parts.size();
  header.msg_control = control.bytes.data();
  write_control(header, control.bytes.size(), request);
  return try_again([&] { return sendmsg(fd, &header, MSG_DONTWAIT) >= 0; });
}

}  // namespace oneping
