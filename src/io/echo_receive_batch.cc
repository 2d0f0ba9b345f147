#include "io/echo_receive_batch.h"

#include "io/control_messages.h"
#include "io/socket_address.h"
#include "wire/icmp.h"

namespace oneping {

tl::expected<EchoReceiveBatch::Reply, DropReason> EchoReceiveBatch::reply(const EchoSocket& socket,
                                                                          std::size_t i) const {
  const msghdr& header = messages_.header(i);
  const sockaddr_storage& source = messages_.peer(i);
  const Bytes icmp = messages_.bytes(i);
  const IpFamily family = family_of(socket.kind);
  if ((header.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0 || icmp.size() < kIcmpHeaderSize ||
      header.msg_namelen == 0 || source.ss_family != system_family(family)) {
    return tl::make_unexpected(DropReason::truncated);
  }
  HopLimitAndClass received;
  for_each_control(header, [&](const cmsghdr& control) { received.read(control); });
  if (!received.hop_limit || !received.traffic_class)
    return tl::make_unexpected(DropReason::truncated);

  if (icmp_kind(family, icmp[0]) != IcmpKind::echo_reply || icmp[1] != 0) {
    return tl::make_unexpected(DropReason::not_reply_or_error);
  }
  if (load_be16(&icmp[4]) != socket.id) return tl::make_unexpected(DropReason::no_flow);
  return Reply{.slot = {socket.kind, socket.channel, load_be16(&icmp[6])},
               .echo = {.source = from_sockaddr(source).address,
                        .hop_limit = *received.hop_limit,
                        .traffic_class = *received.traffic_class,
                        .payload = icmp.subspan(kIcmpHeaderSize)}};
}

}  // namespace oneping
