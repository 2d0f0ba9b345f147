#include "io/queued_icmp_error.h"

#include <linux/errqueue.h>
#include <netinet/in.h>

#include <algorithm>
#include <cstring>

#include "io/control_messages.h"
#include "io/socket_address.h"
#include "wire/icmp_extensions.h"
#include "wire/ip.h"

namespace oneping {

namespace {

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

// The offset of extensions that the kernel tells counts from where the quote begins for us.
QuoteAndExtensions split(Bytes bytes, std::size_t missing, IpFamily family,
                         const sock_extended_err& error) {
  if (!may_have_extensions(family, error.ee_type)) return {bytes, {}};
  const std::size_t said = error.ee_rfc4884.len;
  return split_quote(bytes, said == 0 ? 0 : said + missing, missing);
}

}  // namespace

tl::expected<std::optional<QueuedIcmpError>, DropReason> read_queued_icmp_error(
    const msghdr& message, std::size_t size, IpFamily family, std::size_t header) {
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
      extended->offender.ss_family != system_family(family) || !received.hop_limit) {
    return drop(DropReason::truncated);
  }
  const Bytes bytes(static_cast<const std::uint8_t*>(message.msg_iov->iov_base), size);
  const auto [quote, extensions] = split(bytes, ip_header_size(family) + header, family, error);
  return QueuedIcmpError{.offender = from_sockaddr(extended->offender).address,
                         .destination = from_sockaddr(destination),
                         .type = error.ee_type,
                         .code = error.ee_code,
                         .parameter = error.ee_info,
                         .hop_limit = *received.hop_limit,
                         .traffic_class = received.traffic_class.value_or(0),
                         .quote = quote,
                         .extensions = extensions};
}

}  // namespace oneping
