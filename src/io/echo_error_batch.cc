#include "io/echo_error_batch.h"

#include "io/queued_icmp_error.h"
#include "wire/icmp.h"

namespace oneping {

tl::expected<std::optional<QueuedError>, DropReason> read_queued_error(const msghdr& message,
                                                                       std::size_t size,
                                                                       const EchoSocket& socket) {
  const IpFamily family = family_of(socket.kind);
  const auto queued = read_queued_icmp_error(message, size, family, 0);
  if (!queued) return tl::make_unexpected(queued.error());
  if (!*queued) return std::nullopt;
  const QueuedIcmpError& error = **queued;
  const Bytes icmp = error.quote;
  if (icmp.size() < kIcmpHeaderSize) return tl::make_unexpected(DropReason::truncated);
  if (icmp_kind(family, icmp[0]) != IcmpKind::echo_request || load_be16(&icmp[4]) != socket.id) {
    return tl::make_unexpected(DropReason::no_flow);
  }
  return QueuedError{.slot = {socket.kind, socket.channel, load_be16(&icmp[6])},
                     .error = {.offender = error.offender,
                               .destination = error.destination.address,
                               .type = error.type,
                               .code = error.code,
                               .parameter = error.parameter,
                               .hop_limit = error.hop_limit,
                               .traffic_class = error.traffic_class,
                               .payload = icmp.subspan(kIcmpHeaderSize),
                               .extensions = error.extensions}};
}

}  // namespace oneping
