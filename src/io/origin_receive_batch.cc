#include "io/origin_receive_batch.h"

#include <cstring>

#include "io/control_messages.h"
#include "io/queued_icmp_error.h"
#include "io/socket_address.h"
#include "wire/udp.h"

namespace oneping {

tl::expected<std::optional<UdpError>, DropReason> read_queued_udp_error(const msghdr& message,
                                                                        std::size_t size,
                                                                        IpFamily family) {
  const auto queued = read_queued_icmp_error(message, size, family, kUdpHeaderSize);
  if (!queued) return tl::make_unexpected(queued.error());
  if (!*queued) return std::nullopt;
  const QueuedIcmpError& error = **queued;
  return UdpError{.offender = error.offender,
                  .destination = error.destination,
                  .type = error.type,
                  .code = error.code,
                  .parameter = error.parameter,
                  .hop_limit = error.hop_limit,
                  .traffic_class = error.traffic_class,
                  .payload = error.quote,
                  .extensions = error.extensions};
}

tl::expected<OriginReceiveBatch::Received, DropReason> OriginReceiveBatch::reply(
    const OriginSocket& socket, std::size_t i) const {
  const msghdr& header = messages_.header(i);
  const sockaddr_storage& peer = messages_.peer(i);
  HopLimitAndClass received;
  std::optional<std::uint32_t> overflows;
  for_each_control(header, [&](const cmsghdr& control) {
    received.read(control);
    if (control.cmsg_level == SOL_SOCKET && control.cmsg_type == SO_RXQ_OVFL &&
        control.cmsg_len == CMSG_LEN(sizeof(std::uint32_t))) {
      std::uint32_t count;
      std::memcpy(&count, CMSG_DATA(&control), sizeof count);
      overflows = count;
    }
  });
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || header.msg_namelen == 0 ||
      peer.ss_family != system_family(socket.family) || !received.hop_limit ||
      !received.traffic_class) {
    return tl::make_unexpected(DropReason::truncated);
  }
  return Received{.reply = {.source = from_sockaddr(peer),
                            .hop_limit = *received.hop_limit,
                            .traffic_class = *received.traffic_class,
                            .payload = messages_.bytes(i)},
                  .overflows = overflows};
}

}  // namespace oneping
