#include "forward/forwarder.h"

#include <algorithm>
#include <utility>

namespace oneping {

Forwarder::Forwarder(const Options& options, HopAddress hop_address, PacketPool& pool,
                     Random& random)
    : options_(options),
      hop_address_(std::move(hop_address)),
      pool_(pool),
      limiter_(options.error_limits, random),
      seed_(random.next()) {}

void Forwarder::configure(const Options& options, Random& random) {
  options_ = options;
  limiter_ = AddressLimiter(options.error_limits, random);
}

// Who may not come in learns nothing about the way. The hop limit is judged before the route, so
// that a traceroute shows this hop even when nothing lies behind it, and of pieces each by itself,
// as a router does.
void Forwarder::forward(Packet packet, Router& router, Link* back, Time now) {
  TrafficCounters& traffic = router.traffic_;
  traffic.packets.count_in();
  traffic.bytes_received += packet.size();
  const auto view = IpView::parse(packet.bytes());
  if (!view) return traffic.packets.count_dropped(view.error());
  // Bytes behind the packet's own length are no part of it.
  packet.remove_suffix(packet.size() - view->bytes().size());

  auto refusal = router.admit(*view, now);
  if (!refusal && view->hop_limit() <= 1 && !router.is_here(*view)) {
    refusal = DropReason::hop_limit_exceeded;
  }
  if (refusal) return refuse(*view, *refusal, 0, 1, router, back, now);
  if (!view->is_fragment()) {
    const Incoming incoming{.pieces = 1, .bytes = packet.size()};
    return forward_whole(std::move(packet), *view, incoming, router, back, now);
  }
  auto whole =
      pieces_of(router).add(std::move(packet), *view, router.ingress(), traffic.packets, now);
  if (!whole) return;
  const auto whole_view = IpView::parse(whole->packet.bytes());
  if (!whole_view) return traffic.packets.count_dropped(whole_view.error(), whole->pieces);
  forward_whole(std::move(whole->packet), *whole_view, {whole->pieces, whole->bytes}, router, back,
                now);
}

void Forwarder::forward_whole(Packet packet, const IpView& view, const Incoming& incoming,
                              Router& router, Link* back, Time now) {
  std::size_t mtu = 0;
  const auto drop = send_on(packet, view, router, mtu, now);
  if (drop) return refuse(view, *drop, mtu, incoming.pieces, router, back, now);
  router.traffic_.packets.count_forwarded(incoming.pieces);
  router.traffic_.bytes_forwarded += incoming.bytes;
}

// The hop limit is lowered last: an error quotes the packet as it came. Where it cannot be lowered,
// the packet is for this host.
std::optional<DropReason> Forwarder::send_on(Packet& packet, const IpView& view, Router& router,
                                             std::size_t& mtu, Time now) {
  const auto next = router.next_hop(view, now);
  if (!next) return next.error();
  Link& link = **next;
  mtu = link.max_packet_size();
  // To who takes no pieces goes no fragment header either.
  const bool loses_header = !link.takes_fragments() && view.fragment_header_offset() != 0;
  const bool fits = packet.size() - (loses_header ? kFragmentHeaderSize : 0) <= mtu;
  if (!fits && !(may_be_cut(view) && link.takes_fragments())) return DropReason::too_big;
  const bool is_lowered = view.hop_limit() > 1;
  if (is_lowered) decrement_hop_limit(packet.bytes());
  auto refusal = fits ? link.send(packet, now) : send_in_pieces(view, link, mtu, now);
  if (refusal && is_lowered) increment_hop_limit(packet.bytes());
  return refusal;
}

// One piece that does not get on makes the others useless: the packet has not got on.
std::optional<DropReason> Forwarder::send_in_pieces(const IpView& packet, Link& link,
                                                    std::size_t mtu, Time now) {
  Fragmenter fragmenter(packet, mtu);
  if (!fragmenter.is_possible()) return DropReason::too_big;
  while (!fragmenter.is_done()) {
    auto piece = fragmenter.next(pool_);
    if (!piece) return DropReason::no_buffer;
    if (const auto refusal = link.send(*piece, now)) return refusal;
  }
  return std::nullopt;
}

void Forwarder::refuse(const IpView& packet, DropReason reason, std::size_t mtu, std::size_t pieces,
                       Router& router, Link* back, Time now) {
  if (back != nullptr && answer(packet, reason, mtu, *back, now)) {
    router.traffic_.packets.count_answered(reason, pieces);
  } else {
    router.traffic_.packets.count_dropped(reason, pieces);
  }
}

void Forwarder::on_time(Router& router, Time now) {
  if (!router.pieces_) return;
  while (const auto late = router.pieces_->take_late(now)) {
    // Only of a packet whose beginning has come can be said which it was (RFC 792; RFC 8200, 4.5).
    Link* back = late->first ? router.way_back(late->ingress) : nullptr;
    const auto view = back == nullptr ? tl::make_unexpected(DropReason::reassembly_timeout)
                                      : IpView::parse(late->first->bytes());
    if (view) {
      refuse(*view, DropReason::reassembly_timeout, 0, late->pieces, router, back, now);
    } else {
      router.traffic_.packets.count_dropped(DropReason::reassembly_timeout, late->pieces);
    }
  }
}

Reassembler& Forwarder::pieces_of(Router& router) {
  if (!router.pieces_) {
    router.pieces_ = std::make_unique<Reassembler>(options_.reassembly, pool_, seed_);
  }
  return *router.pieces_;
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
  const bool is_named =
      *cause == IcmpErrorCause::hop_limit_exceeded && !options_.interface_name.empty();
  const auto error_with = [&](Bytes extensions) {
    return make_icmp_error(pool_, packet, *from, *cause, static_cast<std::uint32_t>(told_mtu),
                           extensions);
  };
  auto error = is_named ? error_with(incoming_interface(back).bytes()) : error_with({});
  return error && !back.send(*error, now);
}

// The way back is the way that the packet came.
IncomingInterface Forwarder::incoming_interface(const Link& back) const {
  return {options_.interface_name, static_cast<std::uint32_t>(back.max_packet_size())};
}

}  // namespace oneping
