#include "io/echo_send_batch.h"

#include <algorithm>

#include "io/control_messages.h"
#include "io/send_error.h"
#include "io/socket_address.h"

namespace oneping {

namespace {

constexpr std::uint8_t kEchoRequestV4 = 8;
constexpr std::uint8_t kEchoRequestV6 = 128;

// The kernel writes checksum and id.
void write_icmp_header(std::uint8_t* icmp, IpFamily family, std::uint16_t sequence) {
  std::fill_n(icmp, kIcmpHeaderSize, std::uint8_t{0});
  icmp[0] = family == IpFamily::v4 ? kEchoRequestV4 : kEchoRequestV6;
  store_be16(icmp + 6, sequence);
}

}  // namespace

struct EchoSendBatch::Messages {
  struct Body {
    sockaddr_storage destination;
    iovec data;
    SendControl control;
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
  }
}

EchoSendBatch::~EchoSendBatch() = default;

void EchoSendBatch::add(std::uint16_t sequence, const EchoRequest& request) {
  Messages::Body& body = messages_->bodies[size_];
  msghdr& header = messages_->headers[size_].msg_hdr;
  header.msg_namelen = to_sockaddr({request.destination, 0}, body.destination);
  body.control.attach_to(header, family_, request.traffic_class, request.hop_limit);
  std::uint8_t* icmp = body.bytes.data();
  write_icmp_header(icmp, family_, sequence);
  std::copy(request.payload.begin(), request.payload.end(), icmp + kIcmpHeaderSize);
  body.data.iov_len = kIcmpHeaderSize + request.payload.size();
  ++size_;
}

EchoSendBatch::Progress EchoSendBatch::send_from(std::size_t first, int fd) {
  const auto rest = static_cast<unsigned>(size_ - first);
  int sent = 0;
  const auto refused = try_to_send([&] {
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
  SendControl control;
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
  control.attach_to(header, request.destination.family(), request.traffic_class, request.hop_limit);
  return try_to_send([&] { return sendmsg(fd, &header, MSG_DONTWAIT) >= 0; });
}

}  // namespace oneping
