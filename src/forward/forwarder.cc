#include "forward/forwarder.h"

#include <algorithm>
#include <utility>

namespace oneping {

Forwarder::Forwarder(const Options& options, HopAddress hop_address, PacketPool& pool,
                     Random& random)
    : options_(options),
      hop_address_(std::move(hop_address)),
      pool_(pool),
      limiter_(options.error_limits, random) {}

void Forwarder::configure(const Options& options, Random& random) {
  options_ = options;
  limiter_ = ErrorLimiter(options.error_limits, random);
}

void Forwarder::forward(Packet packet, Router& router, Link* back, Time now) {
  TrafficCounters& traffic = router.traffic_;
  traffic.packets.count_in();
  traffic.bytes_received += packet.size();
  const auto view = IpView::parse(packet.bytes());
  if (!view) return traffic.packets.count_dropped(view.error());
  // Bytes behind the packet's own length are no part of it.
  packet.remove_suffix(packet.size() - view->bytes().size());

  std::size_t mtu = 0;
  const std::size_t size = packet.size();
  const auto drop = try_forward(packet, *view, router, mtu, now);
  if (!drop) {
    traffic.packets.count_forwarded();
    traffic.bytes_forwarded += size;
  } else if (back != nullptr && answer(*view, *drop, mtu, *back, now)) {
    traffic.packets.count_answered(*drop);
  } else {
    traffic.packets.count_dropped(*drop);
  }
}

// Who may not come in learns nothing about the way. The hop limit is judged before the route, so that a traceroute shows this hop even when nothing
// lies behind it. It is lowered last: an error quotes the packet as it came.
std::optional<DropReason> Forwarder::try_forward(Packet& packet, const IpView& view, Router& router,
                                                 std::size_t& mtu, Time now) {
  if (const auto refusal = router.admit(view, now)) return refusal;
  if (view.hop_limit() <= 1) return DropReason::hop_limit_exceeded;
  const auto next = router.next_hop(view, now);
  if (!next) return next.error();
  Link& link = **next;
  mtu = link.max_packet_size();
  if (packet.size() > mtu) return DropReason::too_big;
  decrement_hop_limit(packet.bytes());
  auto refusal = link.send(packet, now);
  if (refusal) increment_hop_limit(packet.bytes());
  return refusal;
}

bool Forwarder::answer(const IpView& packet, DropReason reason, std::size_t mtu, Link& back,
                       Time now) {
  const auto cause = error_for_drop(reason, options_.unreachables);
  if (!cause || !may_answer_with_error(packet, *cause)) return false;
  if (!limiter_.allow(packet.source(), now)) {
    ++errors_suppressed_;
    return false;
  }
  const auto from = hop_address_(packet);
  if (!from || from->family() != packet.family()) return false;
  // No IPv6 link is narrower than 1280 (RFC 8200, 5), so none may be reported as such.
  const std::size_t told_mtu = packet.is_v4() ? mtu : std::max(mtu, kIpv6MinMtu);
  auto error = make_icmp_error(pool_, packet, *from, *cause, static_cast<std::uint32_t>(told_mtu));
  return error && !back.send(*error, now);
}

}  // namespace oneping
