#include "io/echo_error_batch.h"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "io/echo_control.h"
#include "io/socket_address.h"
#include "wire/icmp.h"
#include "wire/icmp_extensions.h"
#include "wire/ip.h"

namespace oneping {

namespace {

constexpr int kTries = 8;

tl::unexpected<DropReason> drop(DropReason reason) { return tl::make_unexpected(reason); }

// The kernel's own record of an error, and who sent it.
struct ExtendedError {
  sock_extended_err error{};
  sockaddr_storage offender{};
};

std::optional<ExtendedError> read_extended_error(const cmsghdr& control) {
  const bool v4 = control.cmsg_level == IPPROTO_IP && control.cmsg_type == IP_RECVERR;
  const bool v6 = control.cmsg_level == IPPROTO_IPV6 && control.cmsg_type == IPV6_RECVERR;
  if ((!v4 && !v6) || control.cmsg_len < CMSG_LEN(sizeof(sock_extended_err))) return std::nullopt;
  ExtendedError result;
  const unsigned char* data = CMSG_DATA(&control);
  std::memcpy(&result.error, data, sizeof result.error);
  const std::size_t behind = control.cmsg_len - CMSG_LEN(sizeof(sock_extended_err));
  std::memcpy(&result.offender, data + sizeof result.error,
              std::min(behind, sizeof result.offender));
  return result;
}

// The quote comes without its IP header, as does the offset of extensions that the kernel tells.
QuoteAndExtensions split(Bytes bytes, IpFamily family, const sock_extended_err& error) {
  if (!may_have_extensions(family, error.ee_type)) return {bytes, {}};
  const std::size_t header = ip_header_size(family);
  const std::size_t said = error.ee_rfc4884.len;
  return split_quote(bytes, said == 0 ? 0 : said + header, header);
}

}  // namespace

tl::expected<std::optional<QueuedError>, DropReason> read_queued_error(const msghdr& message,
                                                                       std::size_t size,
                                                                       const EchoSocket& socket) {
  const IpFamily family = family_of(socket.kind);
  std::optional<ExtendedError> extended;
  HopLimitAndClass received;
  for_each_control(message, [&](const cmsghdr& control) {
    received.read(control);
    if (!extended) extended = read_extended_error(control);
  });
  if ((message.msg_flags & MSG_CTRUNC) != 0 || !extended) return drop(DropReason::truncated);
  const sock_extended_err& error = extended->error;
  const bool v4 = family == IpFamily::v4;
  if (error.ee_origin != (v4 ? SO_EE_ORIGIN_ICMP : SO_EE_ORIGIN_ICMP6)) return std::nullopt;

  const auto& destination = *static_cast<const sockaddr_storage*>(message.msg_name);
  if (message.msg_namelen == 0 || destination.ss_family != system_family(family) ||
      extended->offender.ss_family != system_family(family) || !received.hop_limit ||
      size < kIcmpHeaderSize) {
    return drop(DropReason::truncated);
  }
  const Bytes icmp(static_cast<const std::uint8_t*>(message.msg_iov->iov_base), size);
  if (icmp_kind(family, icmp[0]) != IcmpKind::echo_request || load_be16(&icmp[4]) != socket.id) {
    return drop(DropReason::no_flow);
  }
  const auto [quote, extensions] = split(icmp, family, error);
  if (quote.size() < kIcmpHeaderSize) return drop(DropReason::truncated);
  return QueuedError{.slot = {socket.kind, socket.channel, load_be16(&icmp[6])},
                     .error = {.offender = from_sockaddr(extended->offender).address,
                               .destination = from_sockaddr(destination).address,
                               .type = error.ee_type,
                               .code = error.ee_code,
                               .parameter = error.ee_info,
                               .hop_limit = *received.hop_limit,
                               .traffic_class = received.traffic_class.value_or(0),
                               .payload = quote.subspan(kIcmpHeaderSize),
                               .extensions = extensions}};
}

struct EchoErrorBatch::Messages {
  struct Body {
    sockaddr_storage destination;
    iovec data;
    alignas(cmsghdr) std::array<std::uint8_t, 256> control;
    std::array<std::uint8_t, kMaxMessageSize> bytes;
  };
  std::array<mmsghdr, kMaxMessages> headers{};
  std::array<Body, kMaxMessages> bodies{};
};

EchoErrorBatch::EchoErrorBatch() : messages_(std::make_unique<Messages>()) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {
    Messages::Body& body = messages_->bodies[i];
    msghdr& header = messages_->headers[i].msg_hdr;
    body.data = {body.bytes.data(), body.bytes.size()};
    header.msg_name = &body.destination;
    header.msg_iov = &body.data;
    header.msg_iovlen = 1;
    header.msg_control = body.control.data();
  }
}

EchoErrorBatch::~EchoErrorBatch() = default;

std::size_t EchoErrorBatch::receive(const EchoSocket& socket) {
  for (std::size_t i = 0; i < kMaxMessages; ++i) {  // the kernel has overwritten these
    messages_->headers[i].msg_hdr.msg_namelen = sizeof(sockaddr_storage);
    messages_->headers[i].msg_hdr.msg_controllen = messages_->bodies[i].control.size();
  }
  for (int i = 0; i < kTries; ++i) {
    const int received = recvmmsg(socket.fd.get(), messages_->headers.data(), kMaxMessages,
                                  MSG_ERRQUEUE | MSG_DONTWAIT, nullptr);
    if (received >= 0) return static_cast<std::size_t>(received);
    if (errno == EAGAIN) return 0;
  }
  return 0;
}

tl::expected<std::optional<QueuedError>, DropReason> EchoErrorBatch::error(const EchoSocket& socket,
                                                                           std::size_t i) const {
  const mmsghdr& message = messages_->headers[i];
  return read_queued_error(message.msg_hdr, std::min<std::size_t>(message.msg_len, kMaxMessageSize),
                           socket);
}

}  // namespace oneping
