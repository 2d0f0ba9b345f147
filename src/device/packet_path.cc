#include "device/packet_path.h"

#include <algorithm>
#include <utility>

#include "forward/error_for_drop.h"

namespace oneping::device {

namespace {

// Means something on one link only (RFC 9484, 7.3), or is no single host.
bool stays_here(const IpAddress& destination) {
  return destination.is_link_local() || !destination.is_single_host();
}

}  // namespace

PacketPath::PacketPath(HostKind kind, Link& host, PacketPool& pool)
    : kind_(kind), host_(host), pool_(pool) {}

void PacketPath::set_terms(std::vector<Prefix> addresses, const std::vector<Prefix>& routes) {
  addresses_ = std::move(addresses);
  ours_ = PrefixMap(addresses_);
  routes_ = PrefixMap(routes);
}

void PacketPath::on_host_packet(Packet packet, Time now) {
  to_edge_.packets.count_in();
  to_edge_.bytes_received += packet.size();
  const auto view = IpView::parse(packet.bytes());
  if (!view) return to_edge_.packets.count_dropped(view.error());
  // Bytes behind the packet's own length are no part of it.
  packet.remove_suffix(packet.size() - view->bytes().size());

  const std::size_t size = packet.size();
  const auto drop = send(packet, *view, now);
  if (!drop) {
    to_edge_.packets.count_forwarded();
    to_edge_.bytes_forwarded += size;
  } else if (answer(*view, *drop, now)) {
    to_edge_.packets.count_answered(*drop);
  } else {
    to_edge_.packets.count_dropped(*drop);
  }
}

std::optional<DropReason> PacketPath::send(Packet& packet, const IpView& view, Time now) {
  if (stays_here(view.destination())) return DropReason::destination_refused;
  if (edge_ == nullptr) return DropReason::no_connection;
  if (!is_ours(view.source())) return DropReason::source_refused;
  if (routes_.find(view.destination()) == PrefixMap::kNone) return DropReason::no_route;
  if (packet.size() > edge_->max_packet_size()) return DropReason::too_big;
  return edge_->send(packet, now);
}

bool PacketPath::answer(const IpView& packet, DropReason why, Time now) {
  const auto cause = error_for_drop(why, Unreachables::tell);
  if (!cause || !may_answer_with_error(packet, *cause) || !errors_.take(now)) return false;
  std::size_t mtu = edge_ == nullptr ? 0 : edge_->max_packet_size();
  // No IPv6 link is narrower than 1280 (RFC 8200, 5), so none may be reported as such.
  if (!packet.is_v4()) mtu = std::max(mtu, kIpv6MinMtu);
  auto error =
      make_icmp_error(pool_, packet, error_source(packet), *cause, static_cast<std::uint32_t>(mtu));
  return error && !host_.send(*error, now);
}

IpAddress PacketPath::error_source(const IpView& packet) const {
  if (packet.is_v4() && kind_ == HostKind::kernel) return packet.destination();
  const auto own = std::ranges::find(addresses_, packet.family(), &Prefix::family);
  return own == addresses_.end() ? packet.destination() : own->address();
}

void PacketPath::on_edge_packet(Bytes bytes, Time now) {
  from_edge_.packets.count_in();
  from_edge_.bytes_received += bytes.size();
  const auto view = IpView::parse(bytes);
  if (!view) return from_edge_.packets.count_dropped(view.error());
  if (const auto drop = judge(*view)) return from_edge_.packets.count_dropped(*drop);
  auto packet = pool_.copy(view->bytes());
  if (!packet) return from_edge_.packets.count_dropped(DropReason::no_buffer);
  const std::size_t size = packet->size();
  if (const auto drop = host_.send(*packet, now)) return from_edge_.packets.count_dropped(*drop);
  from_edge_.packets.count_forwarded();
  from_edge_.bytes_forwarded += size;
}

std::optional<DropReason> PacketPath::judge(const IpView& from_edge) const {
  if (!is_ours(from_edge.destination())) return DropReason::destination_refused;
  const IpAddress& source = from_edge.source();
  if (stays_here(source) || is_ours(source)) return DropReason::source_refused;
  return std::nullopt;
}

void PacketPath::count_lost(DropReason why) {
  from_edge_.packets.count_in();
  from_edge_.packets.count_dropped(why);
}

}  // namespace oneping::device
